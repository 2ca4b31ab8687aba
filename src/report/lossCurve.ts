import { check } from '../tensor/index.ts';
import { drawing } from './drawing.ts';

/** A line of the metrics that a run writes. */
export interface Metrics {
  readonly step: number;
  readonly loss?: number;
  readonly validationLoss?: number;
  /** The lowest possible loss. */
  readonly entropy?: number;
}

/** The losses of a run over its steps, and what no model can go below, as an SVG. */
export function lossCurve(metrics: readonly Metrics[]): string {
  const last = metrics.at(-1)?.step ?? 0;
  const training = smooth(points(metrics, 'loss'));
  const validation = points(metrics, 'validationLoss');
  const entropy = metrics.find((line) => line.entropy !== undefined)?.entropy;
  check(
    training.length > 0,
    'lossCurve',
    'a line of the metrics has a loss',
    () => `${metrics.length} lines without`,
  );
  const heights = [...training, ...validation, ...(entropy === undefined ? [] : [[0, entropy]])].map(
    ([, y]) => y!,
  );
  const best = `entropy of the grammar, ${entropy?.toFixed(3)}: the best possible`;
  return drawing(
    { width: 760, height: 340 },
    {
      legend: { top: 8, icon: 'rect', itemWidth: 16, itemHeight: 3, itemGap: 28 },
      grid: { left: 60, right: 30, top: 44, bottom: 48 },
      xAxis: {
        type: 'value',
        name: 'step',
        nameLocation: 'middle',
        nameGap: 28,
        max: last,
        axisLabel: { showMaxLabel: false },
      },
      yAxis: {
        type: 'log',
        name: 'nats per token',
        nameLocation: 'middle',
        nameGap: 40,
        min: 2 ** Math.floor(Math.log2(Math.min(...heights))),
        max: 2 ** Math.ceil(Math.log2(Math.max(...heights))),
      },
      series: [
        line('training loss', '#7aa6d8', training, {
          showSymbol: false,
          lineStyle: { width: 1.5, color: '#7aa6d8' },
        }),
        line('validation loss', '#1f5fa8', validation, { symbolSize: 6 }),
        ...(entropy === undefined
          ? []
          : [
              line(
                best,
                '#c0392b',
                [
                  [0, entropy],
                  [last, entropy],
                ],
                { showSymbol: false, lineStyle: { width: 2, type: 'dashed', color: '#c0392b' } },
              ),
            ]),
      ],
    },
  );
}

type Point = readonly [step: number, loss: number];

function line(name: string, color: string, data: readonly Point[], more: object): object {
  return { name, type: 'line', lineStyle: { width: 2, color }, itemStyle: { color }, data, ...more };
}

function points(metrics: readonly Metrics[], what: 'loss' | 'validationLoss'): Point[] {
  return metrics.flatMap((one): Point[] => (one[what] === undefined ? [] : [[one.step, one[what]]]));
}

/** Means over windows, to see the course and not the noise of single batches. */
function smooth(losses: readonly Point[]): Point[] {
  const window = Math.max(1, Math.round(losses.length / 150));
  return losses
    .filter((_, i) => i % window === 0)
    .map(([step], i) => {
      const part = losses.slice(i * window, (i + 1) * window);
      return [step + window / 2, part.reduce((total, [, loss]) => total + loss, 0) / part.length];
    });
}
