import { drawing } from './drawing.ts';

/** What `attentionMap` draws. */
export interface AttentionMap {
  readonly title: string;
  /** One map for each head: weights[head][row][column], each row summing to 1. */
  readonly weights: readonly (readonly (readonly number[])[])[];
  /** The words that write, from top to bottom. */
  readonly rows: readonly string[];
  /** The words that they look at. */
  readonly columns: readonly string[];
}

const PALE = '#f4f7fb';
const CELL = 26;
const MARGIN = { left: 90, top: 40, right: 20, bottom: 74 };

/** The weights of an attention layer as an SVG: two heads side by side, the darker the more attention. */
export function attentionMap({ title, weights, rows, columns }: AttentionMap): string {
  const [across, down] = [2, Math.ceil(weights.length / 2)];
  const [wide, high] = [columns.length * CELL, rows.length * CELL];
  const [width, height] = [MARGIN.left + wide + MARGIN.right, MARGIN.top + high + MARGIN.bottom];
  const size = { width: across * width, height: down * height + 30 };
  const places = weights.map((_, i) => ({ x: (i % 2) * width, y: 30 + Math.floor(i / 2) * height }));
  const axis = { type: 'category', axisTick: { show: false }, axisLine: { show: false } } as const;
  return drawing(size, {
    title: [
      { text: title, left: 'center', top: 10, textStyle: { fontSize: 15 } },
      ...places.map(({ x, y }, i) => ({
        text: `head ${i + 1}`,
        left: x + MARGIN.left + wide / 2,
        top: y + 14,
        textAlign: 'center',
        textStyle: { fontSize: 12, fontWeight: 'normal' },
      })),
    ],
    grid: places.map(({ x, y }) => ({
      left: x + MARGIN.left,
      top: y + MARGIN.top,
      width: wide,
      height: high,
      show: true,
      borderWidth: 0,
      backgroundColor: PALE,
    })),
    xAxis: places.map((_, gridIndex) => ({
      ...axis,
      gridIndex,
      data: columns,
      axisLabel: { interval: 0, rotate: 60, fontSize: 11 },
    })),
    yAxis: places.map((_, gridIndex) => ({
      ...axis,
      gridIndex,
      data: rows,
      inverse: true,
      axisLabel: { interval: 0, fontSize: 11 },
    })),
    visualMap: {
      show: false,
      min: 0,
      max: 1,
      dimension: 2,
      inRange: { color: [PALE, '#7aa6d8', '#123a6b'] },
    },
    series: weights.map((map, i) => ({
      silent: true,
      type: 'heatmap',
      xAxisIndex: i,
      yAxisIndex: i,
      itemStyle: { borderColor: '#ffffff', borderWidth: 1 },
      data: map
        .flatMap((row, y) => row.map((weight, x) => [x, y, weight]))
        .filter(([, , weight]) => weight! >= 0.01),
    })),
  });
}
