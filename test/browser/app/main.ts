/** The page. A test calls what it hangs on the window. */
import {
  type BackendOptions,
  backendInUse,
  Linear,
  ones,
  prepareBackend,
  tensor,
  useBackend,
} from 'scratchformer';
import { textFile } from 'scratchformer/data';
import { writeFileAtomic } from 'scratchformer/io';
import { persistentZeros } from 'scratchformer/tensor';
import { train } from './training.ts';

Object.assign(globalThis, {
  trainOnPage: train,

  trainInWorker(options: BackendOptions) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    return new Promise((resolve, reject) => {
      Object.assign(worker, {
        onmessage: ({ data }: { data: { error?: string } }) =>
          data.error ? reject(data.error) : resolve(data),
        onerror: ({ message }: { message: string }) => reject(message),
      });
      worker.postMessage(options);
    });
  },

  /**
   * A result and the choice of kernels without `prepareBackend`, and then what `wasm` says, asked for by
   * name.
   */
  unprepared() {
    const product = tensor([1, 2]).mul(3).toArray();
    const { name, why } = backendInUse();
    try {
      return { product, name, why, error: useBackend('wasm') };
    } catch (error) {
      return { product, name, why, error: (error as Error).message };
    }
  },

  async tooLarge() {
    await prepareBackend();
    useBackend('wasm');
    try {
      return persistentZeros([2 ** 28]).size;
    } catch (error) {
      return (error as Error).message;
    }
  },

  /** A text from an address; and what writing says. */
  async files() {
    const { name, text } = await textFile('/index.html');
    const error = await writeFileAtomic('/a.txt', 'a').catch((error: Error) => error.message);
    return { name, text, error };
  },

  /** What `prepareBackend` says where the kernels cannot be fetched. */
  lost: () => prepareBackend().catch((error: Error) => error.message),

  /** A model made too early, on js, and then the kernels. */
  async late() {
    const model = new Linear(2, 3);
    await prepareBackend();
    useBackend('wasm');
    return model.forward(ones([1, 2])).shape;
  },
});
