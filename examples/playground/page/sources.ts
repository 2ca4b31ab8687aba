/** The source of every op and optimizer, as it stands in the repository; each is fetched when it is asked for. */
import { element } from './dom.ts';

const files: Readonly<Record<string, () => Promise<unknown>>> = import.meta.glob(
  [
    '../../../src/ops/**/*.ts',
    '../../../src/autograd/backward.ts',
    '../../../optimizers/{adam,adamW,lion,muon,sgd}.ts',
    '!**/index.ts',
  ],
  { query: '?raw', import: 'default' },
);

/** Ops whose file has another name. */
const homes: Readonly<Record<string, string>> = { half: 'gatedUnit', geluTanh: 'gelu' };

/** A box that opens on the file of an op: formula, forward, backward. */
export function sourceOf(op: string): HTMLElement {
  const name = homes[op] ?? op;
  const path = Object.keys(files).find((file) => file.endsWith(`/${name}.ts`));
  if (!path) return element('span');
  const code = element('pre', { tabIndex: 0 });
  const summary = element('summary', {}, path.replace(/^(\.\.\/)+/, ''));
  const box = element('details.source', {}, summary, code);
  box.addEventListener('toggle', async () => {
    if (box.open && code.textContent === '') code.replaceChildren(...coloured(`${await files[path]!()}`));
  });
  return box;
}

/** Comments stand back, and the words forward and backward stand out. */
export function coloured(text: string): (Node | string)[] {
  return text
    .split(/(\/\*[\s\S]*?\*\/|\/\/.*|\b(?:forward|backward)\b)/)
    .map((part) =>
      /^\/[*/]/.test(part)
        ? element('span.comment', {}, part)
        : /^(?:for|back)ward$/.test(part)
          ? element('b.keyword', {}, part)
          : part,
    );
}
