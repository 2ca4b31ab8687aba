import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InvariantError } from '../../tensor/index.ts';
import type { ServeOptions } from './server.ts';

/** Serves the page from a thread, for as long as the process has other work; returns the page's address. */
export async function serveInThread(options: ServeOptions): Promise<string> {
  const thread = new Worker(new URL('./thread.js', import.meta.url), { workerData: options });
  const [{ address, error }] = await once(thread, 'message');
  if (error !== undefined) throw new InvariantError(error);
  thread.on('error', () => {}); // the page is gone; the run goes on
  thread.unref();
  return address;
}
