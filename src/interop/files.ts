import { platform } from '../platform/index.ts';
import { fail } from '../tensor/index.ts';

/** Whether there is a file of that name. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await (await platform.open(path)).close();
    return true;
  } catch {
    return false;
  }
}

/** The text of a file. Errors: it cannot be read. */
export async function textOf(path: string): Promise<string> {
  const bytes = await platform
    .read(path)
    .catch((error: Error & { code?: string }) =>
      fail(path, 'the file can be read', error.code ?? error.message),
    );
  return new TextDecoder().decode(bytes);
}

/** The JSON in a file. Errors: it cannot be read, or is something else. */
export async function jsonOf(path: string): Promise<unknown> {
  const text = await textOf(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    fail(path, 'the file is JSON', (error as Error).message);
  }
}
