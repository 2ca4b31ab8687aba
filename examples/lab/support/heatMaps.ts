/** Tables of numbers as colours, in the style of the charts. */
import { drawing } from 'scratchformer/report';
import { type Axis, axis, INK, MARGIN, WIDTH } from './charts.ts';

export interface HeatMap {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** values[row][column], the row of the first y at the bottom. */
  readonly values: readonly (readonly number[])[];
  readonly unit: string;
}

/** How wide a frame a number has: broad for the lowest of all, narrow for the lowest of its column. */
function frame(values: HeatMap['values'], column: number, value: number): number {
  if (value === Math.min(...values.flat())) return 2.5;
  return value === Math.min(...values.map((row) => row[column]!)) ? 1 : 0;
}

/** Tables of numbers side by side as colours, each with its number; the lowest of each column is framed. */
export function heatMaps(maps: readonly HeatMap[], { height = 320 } = {}): string {
  const all = maps.flatMap(({ values }) => values.flat()).filter(Number.isFinite);
  const wide = WIDTH / maps.length;
  const sorted = [...all].sort((a, b) => a - b);
  return drawing(
    { width: WIDTH, height: height + 30 },
    {
      title: maps.map(({ title }, i) => ({ text: title, left: i * wide + MARGIN.left, top: 4, textStyle: { fontSize: 13, color: INK } })),
      grid: maps.map((_, i) => ({ left: i * wide + MARGIN.left, top: MARGIN.top, width: wide - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom })),
      xAxis: maps.map(({ x }, gridIndex) => ({ gridIndex, ...axis(x, 22) })),
      yAxis: maps.map(({ y }, gridIndex) => ({ gridIndex, ...axis(y, 38) })),
      visualMap: { type: 'continuous', min: sorted[0], max: sorted[Math.floor(0.85 * (sorted.length - 1))], dimension: 2, orient: 'horizontal', left: 'center', bottom: 2, itemWidth: 12, itemHeight: 160, text: [`more ${maps[0]!.unit}`, 'less'], textStyle: { color: INK }, inRange: { color: ['#0f4c81', '#8fb8de', '#f4f0e6', '#e8b98a', '#b5502f'] } },
      series: maps.map(({ values }, i) => ({
        type: 'heatmap', xAxisIndex: i, yAxisIndex: i, silent: true,
        label: { show: true, fontSize: 10, color: '#1b222b', formatter: ({ value: [, , value] }: { value: number[] }) => (Number.isFinite(value) ? value!.toFixed(2) : '×') },
        data: values.flatMap((row, y) => row.map((value, x) => ({ value: [x, y, value], itemStyle: { borderColor: '#000000', borderWidth: frame(values, x, value) } }))),
      })),
    },
  ); // biome-ignore format: one line for each part of the chart
}
