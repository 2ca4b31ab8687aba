/**
 * Draws the picture in the README from the metrics of a finished story run:
 *
 *     npm start && npx tsx test/support/lossCurve.ts runs/stories examples/story-gpt.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as echarts from 'echarts';

interface Line {
  step: number;
  loss?: number;
  validationLoss?: number;
  entropy?: number;
}

const [folder, picture] = process.argv.slice(2) as [string, string];
const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
const metrics = lines.map((line) => JSON.parse(line) as Line);
const entropy = metrics.find((line) => line.entropy !== undefined)!.entropy!;
const losses = metrics.filter((line) => line.loss !== undefined);

/** Mean over `window` steps, to see the course and not the noise of single batches. */
const window = Math.max(1, Math.round(losses.length / 150));
const smooth = losses
  .filter((_, i) => i % window === 0)
  .map(({ step }, i) => {
    const part = losses.slice(i * window, (i + 1) * window);
    return [step + window / 2, part.reduce((total, { loss }) => total + loss!, 0) / part.length];
  });

const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 340 });
chart.setOption({
  animation: false,
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: 'sans-serif' },
  legend: { top: 8, icon: 'rect', itemWidth: 16, itemHeight: 3, itemGap: 28 },
  grid: { left: 60, right: 30, top: 44, bottom: 48 },
  xAxis: {
    type: 'value',
    name: 'step',
    nameLocation: 'middle',
    nameGap: 28,
    max: metrics.at(-1)!.step,
    axisLabel: { showMaxLabel: false },
  },
  yAxis: { type: 'log', name: 'nats per character', nameLocation: 'middle', nameGap: 40, min: 0.25, max: 4 },
  series: [
    {
      name: 'training loss',
      type: 'line',
      showSymbol: false,
      lineStyle: { width: 1.5, color: '#7aa6d8' },
      itemStyle: { color: '#7aa6d8' },
      data: smooth,
    },
    {
      name: 'validation loss',
      type: 'line',
      symbolSize: 6,
      lineStyle: { width: 2, color: '#1f5fa8' },
      itemStyle: { color: '#1f5fa8' },
      data: metrics.filter((line) => line.validationLoss).map((line) => [line.step, line.validationLoss]),
    },
    {
      name: `entropy of the grammar, ${entropy.toFixed(3)}: the best possible`,
      type: 'line',
      showSymbol: false,
      lineStyle: { width: 2, type: 'dashed', color: '#c0392b' },
      itemStyle: { color: '#c0392b' },
      data: [
        [0, entropy],
        [metrics.at(-1)!.step, entropy],
      ],
    },
  ],
});
writeFileSync(picture, chart.renderToSVGString());
chart.dispose();
