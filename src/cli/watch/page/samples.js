import { byId, element, whole } from './words.js';

/** @typedef {import('./run.js').Run} Run */

let [drawnOf, drawn] = ['', -1];

/**
 * The samples of a run, the newest first.
 *
 * @param {Run | undefined} run
 */
export function drawSamples(run) {
  const samples = run?.watch.others.get('sample') ?? [];
  const card = byId('samples');
  card.hidden = samples.length === 0;
  if (run?.name === drawnOf && samples.length === drawn) return; // so that a selection stays
  [drawnOf, drawn] = [run?.name ?? '', samples.length];
  const list = element(
    'ol',
    {},
    ...samples
      .toReversed()
      .map(({ step, value }) =>
        element('li', {}, element('h3', {}, `step ${whole(step)}`), element('pre', {}, `${value}`)),
      ),
  );
  card.querySelector('ol')?.remove();
  card.append(list);
}
