import { platform, type ReadableFile } from '../platform/index.ts';
import { check, fail, type Shape, type Tensor } from '../tensor/index.ts';
import { headerLength, parseHeader, type TensorInfo, tensorOf } from './safetensorsHeader.ts';

/** Named tensors in files, of which each is read when it is asked for. */
export interface TensorFile {
  /** The shape of each tensor, by its name. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** The tensor of a name, with memory of its own. */
  read(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * Opens a safetensors file, which may be larger than memory: its header is read and checked at once, as by
 * `decodeSafetensors`, each tensor when it is asked for. Errors name the file.
 */
export async function openSafetensors(path: string): Promise<TensorFile> {
  const file = await platform
    .open(path)
    .catch((error: Error & { code?: string }) =>
      fail(path, 'the file can be opened', error.code ?? error.message),
    );
  try {
    return await readable(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readable(file: ReadableFile, where: string): Promise<TensorFile> {
  const start = 8 + headerLength(await file.read(0, 8), file.size, where);
  const { infos } = parseHeader(await file.read(8, start - 8), file.size - start, where);
  const byName = new Map(infos.map((info): [string, TensorInfo] => [info.name, info]));
  return {
    shapes: new Map(infos.map(({ name, shape }) => [name, shape])),
    async read(name) {
      const info = byName.get(name) ?? fail(where, 'the file has the tensor', JSON.stringify(name));
      const { begin, end } = info;
      const bytes = await file.read(start + begin, end - begin);
      check(bytes.length === end - begin, where, 'the file stays as long as it was', () => 'a shorter one');
      return tensorOf(info, bytes.buffer, where);
    },
    close: () => file.close(),
  };
}
