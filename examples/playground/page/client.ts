/** The page's side of the worker: ask, and await the answer. */
import type { News, Service } from '../engine/service.ts';
import type { Message, Question } from '../engine/worker.ts';

type Method = keyof Service;
type Answer<M extends Method> = Awaited<ReturnType<Service[M]>>;

export class Client {
  readonly #worker = new Worker(new URL('../engine/worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, PromiseWithResolvers>();
  #next = 0;

  /** @param hear called with what the worker tells without being asked. */
  constructor(hear: (news: News) => void = () => {}) {
    this.#worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if ('news' in data) return hear(data.news);
      const waiting = this.#waiting.get(data.id)!;
      this.#waiting.delete(data.id);
      if ('error' in data) waiting.reject(new Error(data.error));
      else waiting.resolve(data.result);
    };
  }

  ask<M extends Method>(method: M, ...args: Parameters<Service[M]>): Promise<Answer<M>> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.postMessage({ id, method, args } satisfies Question);
    });
  }
}

interface PromiseWithResolvers {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}
