/** The worker of the page: hands questions to the service, and answers and news back. */
import { type News, Service } from './service.ts';

/** A question: a method of the service with its arguments, and a number that the answer bears too. */
export interface Question {
  readonly id: number;
  readonly method: keyof Service;
  readonly args: readonly unknown[];
}

/** An answer, or some news. */
export type Message =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly news: News };

const { postMessage } = globalThis as unknown as { postMessage(message: Message): void };
const service = new Service((news) => postMessage({ news }));

Object.assign(globalThis, {
  onmessage({ data: { id, method, args } }: { data: Question }) {
    const answer = Reflect.apply(service[method], service, args) as Promise<unknown>;
    answer.then(
      (result) => postMessage({ id, result }),
      (error: Error) => postMessage({ id, error: error.message }),
    );
  },
});
