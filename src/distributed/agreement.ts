import { InvariantError } from '../tensor/index.ts';
import type { World } from './world.ts';

/** An error that every rank throws, with the same words: one of them may show it for all. */
export class SharedError extends InvariantError {}

/** Does what may fail, on every rank. If it fails on any, all throw the same error, which says where. */
export async function together<T>(world: World, body: () => Promise<T> | T): Promise<T> {
  if (world.size === 1) return body();
  const outcome = await Promise.resolve()
    .then(body)
    .then(
      (result) => ({ result, message: '' }),
      (error: Error) => ({ error, message: error.message || error.name }),
    );
  const messages = world.gather(outcome.message);
  if ('result' in outcome && messages.every((message) => message === '')) return outcome.result;
  throw new SharedError(byRank(messages.map((message) => message || 'nothing is wrong')));
}

/**
 * Checks that a fact about each rank, such as its version, is the same on all of them. Errors name the first that
 * is not, and what it is where.
 *
 *     checkSame(world, { version: '0.1.0', weights: hash(model) })
 */
export function checkSame(world: World, facts: Readonly<Record<string, string>>): void {
  const all = world.gather(JSON.stringify(facts)).map((text) => JSON.parse(text) as typeof facts);
  for (const name of Object.keys(facts)) {
    const values = all.map((ofRank) => ofRank[name] ?? 'none');
    if (new Set(values).size > 1)
      throw new SharedError(`distributed: every rank has the same ${name}. got ${byRank(values)}.`);
  }
}

/** One text for each rank, in words: `a`, if all are the same; `a on rank 0, b on ranks 1, 2`. */
function byRank(texts: readonly string[]): string {
  const ranks = new Map<string, number[]>();
  for (const [rank, text] of texts.entries()) ranks.set(text, [...(ranks.get(text) ?? []), rank]);
  if (ranks.size === 1) return texts[0]!;
  return [...ranks]
    .map(([text, where]) => `${text} on ${where.length > 1 ? 'ranks' : 'rank'} ${where.join(', ')}`)
    .join('; ');
}
