// @ts-check
// A thread that serves the page, so that it answers while a step computes. Plain JavaScript, because a thread
// begins without what runs TypeScript.
import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const source = new URL('./server.ts', import.meta.url);
if (existsSync(source)) (await import('tsx/esm/api')).register();
const { serve } = await import(
  existsSync(source) ? source.href : new URL('./server.js', import.meta.url).href
);
try {
  const { address } = await serve(workerData);
  parentPort?.postMessage({ address });
} catch (error) {
  parentPort?.postMessage({ error: /** @type {Error} */ (error).message });
}
