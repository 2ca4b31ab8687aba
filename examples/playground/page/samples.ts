/** What the model has written, the newest first. */
import type { Sample } from '../engine/tasks/index.ts';
import { byId, element, whole } from './dom.ts';

const MOST = 40;

export function clearSamples(): void {
  const hint = element('li.hint', {}, 'Every 50 steps it answers a few questions, or writes a little.');
  byId('samples').replaceChildren(hint);
  byId('samples').tabIndex = 0; // it scrolls
  byId('sampled').textContent = '';
}

export function addSamples(step: number, samples: readonly Sample[]): void {
  const list = byId('samples');
  list.querySelector('.hint')?.remove();
  const judged = samples.filter(({ right }) => right !== null);
  const good = judged.filter(({ right }) => right).length;
  byId('sampled').textContent =
    judged.length > 0 ? `step ${whole(step)}: ${good} of ${judged.length} right` : '';
  list.prepend(
    element('li', {}, element('h3', {}, `step ${whole(step)}`), element('ul', {}, ...samples.map(sampleRow))),
  );
  while (list.children.length > MOST) list.lastElementChild!.remove();
}

function sampleRow({ given, written, right, note }: Sample): HTMLElement {
  const mark = right === null ? '' : right ? '✓' : '✗';
  const kind = right === null ? 'plain' : right ? 'right' : 'wrong';
  const words = right === null ? '' : right ? 'right: ' : 'wrong: ';
  return element(
    `li.${kind}` as 'li',
    {},
    element('b.verdict', { 'aria-hidden': 'true' }, mark),
    element('span.visually-hidden', {}, words),
    element('span.given', {}, given),
    element('span.written', {}, written),
    element('small', {}, note),
  );
}
