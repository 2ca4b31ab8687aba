/** What a user's worker may do: train on two threads of its own. */
import { parentPort } from 'node:worker_threads';
import '../../src/index.ts';
import { useBackend } from '../../src/kernels/index.ts';
import { splitEverything } from '../../src/kernels/wasm/threads.ts';
import { threadsAreUp, trainedWeights } from './tinyGpt.ts';

splitEverything(true);
const { threads } = useBackend('wasm', { threads: 2 });
await threadsAreUp();
trainedWeights(2);
parentPort?.postMessage(`trained with ${threads} threads`);
