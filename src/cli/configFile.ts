import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, display, fail, suggest } from '../tensor/index.ts';
import type { RunConfig, Settings } from './config.ts';
import { files } from './folder.ts';
import { settingNames } from './settingsFlags.ts';

/**
 * Writes the settings of a run into its folder, where `--config` can read them. Synchronous: output that nobody
 * reads any more would end the process in a pause before the first step, and what was set aside be for nothing.
 */
export function writeConfig(folder: string, config: RunConfig): void {
  const path = join(folder, files.config);
  writeFileSync(`${path}.tmp`, `${JSON.stringify(config, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}

/** Reads settings from a JSON file, those of the model among the others or in an object `model`. */
export async function readConfig(path: string): Promise<Settings> {
  const where = `config ${path}`;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) =>
    fail(where, 'the file can be read', error.code ?? error.message),
  );
  const { model = {}, ...others } = parse(where, text) as Partial<RunConfig>;
  check(isObject(model), where, 'the settings of the model are an object', () => display(model));
  const settings: Settings = { ...others, ...model };
  const known: readonly string[] = ['data', ...settingNames];
  const unknown = Object.keys(settings).find((name) => !known.includes(name));
  check(
    unknown === undefined,
    where,
    'every setting is known',
    () => display(unknown),
    () => suggest(unknown, known),
  );
  return settings;
}

function parse(where: string, text: string): object {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail(where, 'the file is JSON', (error as Error).message);
  }
  if (!isObject(json)) fail(where, 'the file has one object with settings', display(json));
  return json;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
