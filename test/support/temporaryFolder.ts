import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** An empty folder that goes when the running test ends. */
export function temporaryFolder(): string {
  const folder = newFolder();
  onTestFinished(() => remove(folder));
  return folder;
}

/** An empty folder that goes when the file or the `describe` that asks for it ends. */
export function suiteFolder(): string {
  const folder = newFolder();
  afterAll(() => remove(folder));
  return folder;
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'scratchformer-'));
const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });
