/** Texts in Markdown as a page shows them: figures live where they can be, sources and other texts in boxes. */
import { marked } from 'marked';
import { element } from '../dom.ts';
import { coloured } from '../sources.ts';
import type { Lesson } from './lessons.ts';

/** Draws a figure into its place. */
export type Figure = (place: HTMLElement) => void;

const pictures = import.meta.glob<string>('../../../{learn/figures,lab/results}/*.svg', {
  query: '?url',
  import: 'default',
  eager: true,
});
const live = import.meta.glob<Figure>('./figures/*.ts', { import: 'default' });
const files = import.meta.glob<string>(
  [
    '../../../../src/{autograd,generation,ops,train}/**/*.ts',
    '../../../../src/kernels/js/matmul.ts',
    '../../../../src/nn/transformerBlock.ts',
    '../../../../models/gpt.ts',
    '../../../../optimizers/*.ts',
    '../../../../{docs/derivations,src/kernels/README,examples/lab/README}.md',
  ],
  { query: '?raw', import: 'default' },
);

/** The text of a lesson. A live figure that has no place in it stands before the task. */
export function lessonText({ number, text }: Lesson): Node[] {
  const nodes = textOf(text.replace(/^# /, '## '), 'examples/learn/texts/');
  const path = Object.keys(live).find((path) => path.startsWith(`./figures/${number}-`));
  if (path === undefined || text.includes(nameOf(path))) return nodes;
  const task = nodes.findIndex((node) => node.textContent!.startsWith('Your task.'));
  return nodes.toSpliced(task, 0, liveFigure(path, 'The same, to try out'));
}

/** @param folder of the file, from which its links start */
function textOf(markdown: string, folder: string): Node[] {
  const { body } = new DOMParser().parseFromString(marked.parse(markdown, { async: false }), 'text/html');
  for (const image of body.querySelectorAll('img')) image.replaceWith(figureOf(image, folder));
  for (const link of body.querySelectorAll('a')) openHere(link, folder);
  for (const program of body.querySelectorAll('pre')) program.tabIndex = 0; // it may scroll
  return [...body.childNodes];
}

const nameOf = (path: string) => /([^/]+)\.\w+$/.exec(path)![1]!;

/** '/examples/lab/README.md' and '/docs/x.md', as the lists above name them. */
const fromHere = (path: string) => `../../../../${path.slice(1)}`.replace('../examples/', '');

function figureOf(image: HTMLImageElement, folder: string): HTMLElement {
  const { pathname } = new URL(image.getAttribute('src')!, `file:///${folder}`);
  const draw = `./figures/${nameOf(pathname)}.ts`;
  if (pathname.includes('/learn/') && draw in live) return liveFigure(draw, image.alt);
  const src = pictures[fromHere(pathname)];
  return src ? element('img', { src, alt: image.alt }) : element('span');
}

function liveFigure(path: string, about: string): HTMLElement {
  const place = element('div.live', { role: 'group', 'aria-label': about });
  void live[path]!().then((draw) => draw(place));
  return place;
}

/** A link to a file of the project opens it below; what is not to be had here is only named. */
function openHere(link: HTMLAnchorElement, folder: string): void {
  const { protocol, pathname, hash } = new URL(link.getAttribute('href')!, `file:///${folder}`);
  if (protocol !== 'file:') return;
  const load = files[fromHere(pathname)];
  if (!load) return link.replaceWith(...link.childNodes);
  const button = element('button.link', { type: 'button', 'aria-expanded': 'false' }, ...link.childNodes);
  const box = element('div.opened', { hidden: true, tabIndex: 0 });
  button.addEventListener('click', async () => {
    box.hidden = !box.hidden;
    button.setAttribute('aria-expanded', `${!box.hidden}`);
    if (box.childElementCount === 0) box.append(...shown(await load(), pathname, decodeURI(hash.slice(1))));
  });
  link.closest('p, li')!.append(box);
  link.replaceWith(button);
}

function shown(text: string, path: string, anchor: string): Node[] {
  const title = element('h3', {}, path.slice(1));
  if (path.endsWith('.ts')) return [title, element('pre', { tabIndex: 0 }, ...coloured(text))];
  return [title, ...textOf(sectionOf(text, anchor), path.slice(1).replace(/[^/]*$/, ''))];
}

/** What stands below a heading; without an anchor, the whole text. */
function sectionOf(markdown: string, anchor: string): string {
  const parts = markdown.split(/^(?=#+ )/m);
  const start = parts.findIndex((part) => slug(part.split('\n')[0]!) === anchor);
  if (start < 0) return markdown;
  const depth = (part: string) => part.indexOf(' ');
  const end = parts.findIndex((part, i) => i > start && depth(part) <= depth(parts[start]!));
  return parts.slice(start, end < 0 ? undefined : end).join('');
}

const slug = (heading: string) =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
