import type { ReadableFile } from './platform.ts';

/** Opens a file of Node's; see platform.ts. */
export async function openReadable(path: string): Promise<ReadableFile> {
  const file = await process.getBuiltinModule('node:fs/promises').open(path);
  const { size } = await file.stat();
  return {
    size,
    async read(begin, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - begin)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, begin + filled);
        if (bytesRead === 0) return bytes.slice(0, filled); // it was cut off since it was opened
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}
