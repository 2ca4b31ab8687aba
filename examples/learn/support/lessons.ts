/** The lessons, found by their files. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Check } from './check.ts';

/** A lesson: `texts/NAME.md`, `blanks/NAME.ts` and `checks/NAME.ts`. */
export interface Lesson {
  /** Two digits. */
  readonly number: string;
  /** The name of its files: 03-matrix-product. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export const folder = new URL('../', import.meta.url);

/** All lessons, in order. */
export const lessons: readonly Lesson[] = readdirSync(new URL('texts/', folder))
  .filter((file) => /^\d\d-.*\.md$/.test(file))
  .sort()
  .map((file) => {
    const text = readFileSync(new URL(`texts/${file}`, folder), 'utf8');
    return {
      number: file.slice(0, 2),
      name: file.slice(0, -3),
      title: /^# \d+ (.*)$/m.exec(text)![1]!,
      text,
    };
  });

/** The check of a lesson. */
export async function checkOf({ name }: Lesson): Promise<Check<object>> {
  const module = (await import(new URL(`checks/${name}.ts`, folder).href)) as { default: Check<object> };
  return module.default;
}
