import { afterAll } from 'vitest';
import { fileServer } from './fileServer.ts';

/** Serves a folder until the tests of the file end; returns its address. */
export async function serve(folder: string, options: { isolated: boolean }): Promise<string> {
  const { address, close } = await fileServer(folder, options);
  afterAll(close);
  return address;
}
