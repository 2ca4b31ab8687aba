/** How an answer to a lesson is checked, in Node or in a page. */
import { check, InvariantError } from 'scratchformer';
import { display } from 'scratchformer/tensor';

/** What the check of a lesson knows. */
export interface Check<Answer> {
  /** The library's own answer. */
  readonly shipped: Answer;
  /**
   * What has to hold, in this order; each throws, with a hint, where it does not. What one returns is said.
   */
  readonly steps: Readonly<Record<string, (answer: Answer) => unknown>>;
}

/** How far an answer got. */
export interface Outcome {
  readonly passed: readonly { readonly step: string; readonly remark: string | null }[];
  /** The first step that does not hold; null: the lesson is done. */
  readonly failed: { readonly step: string; readonly message: string } | null;
}

/** Takes the steps one after the other, until one fails. An answer may have more than the check needs. */
export async function takeSteps<Answer extends object>(
  { shipped, steps }: Check<Answer>,
  answer: object,
): Promise<Outcome> {
  const passed: { step: string; remark: string | null }[] = [];
  for (const [step, take] of Object.entries(steps)) {
    try {
      checkExports(answer, shipped);
      const remark = await take(answer as Answer);
      passed.push({ step, remark: typeof remark === 'string' ? remark : null });
    } catch (error) {
      return { passed, failed: { step, message: messageOf(error) } };
    }
  }
  return { passed, failed: null };
}

function checkExports(answer: object, shipped: object): void {
  const given = new Map(Object.entries(answer));
  for (const [name, { length }] of Object.entries(shipped) as [string, { length: number }][])
    check(
      typeof given.get(name) === 'function',
      'your file',
      `it exports ${name}, with ${length} or more arguments`,
      () => display(given.get(name)),
    );
}

/** Our own errors have all that is needed; another one also needs the line that it came from. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return display(error);
  if (error instanceof InvariantError || error.message.startsWith('fill me in')) return error.message;
  const [, place] = /((?:learn|blanks)\/[\w.-]+\.ts:\d+)/.exec(error.stack ?? '') ?? [];
  return `${error.name}: ${error.message}${place ? ` (${place})` : ''}`;
}
