/** The lessons of the course, as `npm run learn` has them. */

export interface Lesson {
  /** Two digits. */
  readonly number: string;
  /** The name of its files: 03-matrix-product. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
  /** The file with its blanks. */
  readonly blank: string;
}

const texts = import.meta.glob<string>('../../../learn/texts/*.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const blanks = import.meta.glob<string>('../../../learn/blanks/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const lessons: readonly Lesson[] = Object.entries(texts).map(([path, text]) => {
  const name = /([^/]+)\.md$/.exec(path)![1]!;
  const title = /^# \d+ (.*)$/m.exec(text)![1]!;
  return { number: name.slice(0, 2), name, title, text, blank: blanks[`../../../learn/blanks/${name}.ts`]! };
});
