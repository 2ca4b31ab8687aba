/** The calls of a picture under headings, in the order of the code. */
import type { Picture, PicturedCall } from '../engine/picture.ts';

export interface Section {
  readonly title: string;
  readonly calls: readonly PicturedCall[];
}

/** What only shows the same numbers otherwise. */
export const isMove = ({ op }: PicturedCall): boolean => ['reshape', 'permute', 'half'].includes(op);

export function sectionsOf({ calls }: Picture): Section[] {
  const sections: { title: string; calls: PicturedCall[] }[] = [];
  for (const call of calls) {
    const title = titleOf(call, sections.at(-1)?.title);
    if (sections.at(-1)?.title !== title) sections.push({ title, calls: [] });
    sections.at(-1)!.calls.push(call);
  }
  return sections;
}

function titleOf({ layer, op }: PicturedCall, before: string | undefined): string {
  const [, block, part = ''] = /^blocks\.(\d+)(?:\.(\w+))?/.exec(layer) ?? [];
  if (block === undefined) {
    const isInput =
      layer === 'tokens' || layer === 'positions' || before === undefined || before === 'Embedding';
    if (isInput && ['embedding', 'add', 'mul'].includes(op)) return 'Embedding';
    return 'Head and loss';
  }
  const number = Number(block) + 1;
  const half = part === 'feedForward' || part === 'norm2' ? 'feed-forward' : part === '' ? null : 'attention';
  const own = `Block ${number}`;
  if (half === null && before?.startsWith(own)) return before;
  return `${own}, ${half ?? 'attention'}`;
}
