import { platform } from '../platform/index.ts';
import { check, display, fail, type Shape } from '../tensor/index.ts';
import { openSafetensors, type TensorFile } from './tensorFile.ts';

/**
 * Opens a safetensors file that is cut into several, by its index: JSON with `weight_map`, the file of each
 * tensor (model.safetensors.index.json). The files lie beside the index, and hold what it says, no more.
 */
export async function openShards(index: string): Promise<TensorFile> {
  const fileOf = readIndex(index, new TextDecoder().decode(await platform.read(index)));
  const opened = new Map<string, TensorFile>();
  const close = async () => {
    for (const file of opened.values()) await file.close();
  };
  try {
    for (const name of new Set(fileOf.values()))
      opened.set(name, await openSafetensors(index.replace(/[^/\\]*$/, name)));
    const shapes = [...opened].flatMap(([file, { shapes }]) =>
      [...shapes].map(([name, shape]): [string, Shape] => {
        check(fileOf.get(name) === file, index, `the tensors of ${file} are those that it lists`, () => name);
        return [name, shape];
      }),
    );
    const found = new Map(shapes);
    const lost = [...fileOf.keys()].filter((name) => !found.has(name));
    check(lost.length === 0, index, 'each tensor is in its file', () => `none named ${lost.join(', ')}`);
    const read = async (name: string) =>
      opened.get(fileOf.get(name) ?? fail(index, 'the tensor is listed', JSON.stringify(name)))!.read(name);
    return { shapes: found, read, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file of each tensor. A name with a folder in it is refused: it could lead anywhere. */
function readIndex(where: string, text: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail(where, 'the index is JSON', (error as Error).message);
  }
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map);
  check(isMap, where, 'the index has a weight_map', () => display(json));
  const entries = Object.entries(map);
  const odd = entries.find(([, file]) => typeof file !== 'string' || !/^[^/\\\0]+\.safetensors$/.test(file));
  check(odd === undefined, where, 'files are named *.safetensors and lie beside the index', () =>
    display(odd),
  );
  return new Map(entries as [string, string][]);
}
