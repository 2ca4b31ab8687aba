import { fail } from '../tensor/errors.ts';

/**
 * Writes a file that is at every moment either the whole old one or the whole new one, on Node.
 *
 * The data goes to a temporary file in the same folder (a rename across devices is no rename) and to the
 * disk; the rename puts it in place in one step; the folder's own entry then goes to the disk as well.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const { rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { dirname, join, resolve } = process.getBuiltinModule('node:path');
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  const folder = dirname(resolve(path));
  const temporary = join(folder, `.scratchformer-${randomUUID()}.tmp`);
  try {
    await writeNew(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one to tell
    failToWrite(path, folder, error as NodeJS.ErrnoException);
  }
  await syncFolder(folder);
}

/**
 * 'wx': never into a file that is there already. `writeFile` of a handle loops until everything is written.
 */
async function writeNew(path: string, data: Uint8Array | string): Promise<void> {
  const file = await process.getBuiltinModule('node:fs/promises').open(path, 'wx');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Windows cannot open a folder, and needs no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await process.getBuiltinModule('node:fs/promises').open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function failToWrite(path: string, folder: string, error: NodeJS.ErrnoException): never {
  const hints: Record<string, string> = {
    ENOENT: `make the folder ${folder} first`,
    ENOTDIR: `${folder} is not a folder`,
    EACCES: `the folder ${folder} is not yours to write to`,
    EPERM: `the folder ${folder} is not yours to write to`,
    EROFS: `the folder ${folder} is on a read-only disk`,
    EISDIR: 'the path is a folder: name a file in it',
    ENOSPC: 'the disk is full',
  };
  const hint = hints[error.code ?? ''];
  fail(
    `writeFileAtomic ${JSON.stringify(path)}`,
    'the file can be written',
    error.message,
    `${hint ? `${hint}; ` : ''}what was at the path before is unchanged`,
  );
}
