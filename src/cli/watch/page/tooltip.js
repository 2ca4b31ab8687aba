import { element } from './words.js';

/** @typedef {{ colour: string, label: string, value: string }} Row */

/**
 * A plugin of the chart: a box beside the cursor with the values there.
 *
 * @param {(chart: uPlot, index: number) => { title: string, rows: Row[] }} describe
 * @returns {uPlot.Plugin}
 */
export function tooltip(describe) {
  const box = element('div.tooltip', { hidden: true });
  return {
    hooks: {
      init: (chart) => chart.over.append(box),
      setCursor: (chart) => {
        const { idx, left = -1, top = 0 } = chart.cursor;
        box.hidden = left < 0 || idx === null || idx === undefined || !chart.over.matches(':hover');
        if (box.hidden) return;
        const { title, rows } = describe(chart, /** @type {number} */ (idx));
        box.replaceChildren(
          element('b', {}, title),
          ...rows.map(({ colour, label, value }) => {
            const mark = element('i.swatch');
            mark.style.background = colour;
            return element('div', {}, mark, element('span', {}, label), element('output', {}, value));
          }),
        );
        const { clientWidth, clientHeight } = chart.over;
        const right = left < clientWidth / 2;
        box.style.left = `${right ? left + 14 : left - box.offsetWidth - 14}px`;
        box.style.top = `${Math.max(-8, Math.min(top - 20, clientHeight - box.offsetHeight + 8))}px`;
      },
    },
  };
}

/**
 * The value of a series at a place, or the nearest to it: curves that were measured at other steps have gaps.
 * Before the first and after the last of a curve there is none.
 *
 * @param {ArrayLike<number | null | undefined>} values
 * @param {number} index
 * @returns {number | null}
 */
export function nearest(values, index) {
  let [before, after] = [index, index];
  while (before >= 0 && values[before] == null) before--;
  while (after < values.length && values[after] == null) after++;
  if (before < 0 || after >= values.length) return null;
  return values[index - before <= after - index ? before : after] ?? null;
}
