/** The figures of the notebook, all in one style. */
import { drawing } from 'scratchformer/report';

export interface Axis {
  /** What is shown, with its unit. */
  readonly name: string;
  readonly log?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Names in place of numbers; a point's x is then a name. */
  readonly categories?: readonly string[];
}

/** x and y, and for an error bar the low and the high end of y. */
export type Point = readonly [x: number | string, y: number, low?: number, high?: number];

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Default line. */
  readonly as?: 'line' | 'dots' | 'bars';
  readonly dashed?: boolean;
  readonly colour?: string;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** One colour for each activation, in all figures; others take turns. */
const named: Record<string, string> = {
  gelu: '#1f5fa8', relu: '#c0392b', sigmoid: '#7d4fb0', tanh: '#2f8f5b', silu: '#d9822b', elu: '#1b9aaa',
  mish: '#8a5a2b', leakyRelu: '#d6609b', prelu: '#6b7a1f', softplus: '#e0a800', hardswish: '#5f6b76',
  squaredRelu: '#e8590c',
}; // biome-ignore format: a table
const others = [
  '#1f5fa8',
  '#c0392b',
  '#2f8f5b',
  '#d9822b',
  '#7d4fb0',
  '#1b9aaa',
  '#8a5a2b',
  '#d6609b',
  '#5f6b76',
];
export const INK = '#2b3440';
const legendStyle = { icon: 'roundRect', itemWidth: 16, itemHeight: 4, textStyle: { color: INK } };
export const WIDTH = 860;
export const MARGIN = { left: 64, right: 18, top: 30, bottom: 52 };

/**
 * Panels side by side; the same name has the same colour in all of them. One legend stands above, or, where
 * panels show different things, `legends: 'each'` gives each of them its own.
 */
export function chart(
  panels: readonly Panel[],
  { columns = 2, height = 300, legends = 'one' as 'one' | 'each' } = {},
): string {
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const taken = names.map((name) => named[name]);
  const free = others.filter((colour) => !taken.includes(colour));
  const colours = new Map(names.map((name, i) => [name, named[name] ?? free[i % free.length]!]));
  const across = Math.min(columns, panels.length);
  const shared = legends === 'one' && names.length > 1;
  const legendHeight = shared ? 24 * Math.ceil(names.join('    ').length / 105) + 6 : 0;
  const top = MARGIN.top + (legends === 'each' ? 42 : 0);
  const [wide, high] = [WIDTH / across, height];
  const places = panels.map((_, i) => ({
    x: (i % across) * wide,
    y: legendHeight + Math.floor(i / across) * high,
  }));
  const rows = Math.ceil(panels.length / across);
  return drawing(
    { width: WIDTH, height: legendHeight + rows * high },
    {
      legend: shared
        ? [{ ...legendStyle, top: 4, left: 'center', width: WIDTH - 40, data: names, itemGap: 22 }]
        : panels.map(({ series }, i) => ({ ...legendStyle, show: legends === 'each', top: places[i]!.y + 24, left: places[i]!.x + MARGIN.left - 6, width: wide - MARGIN.left - MARGIN.right + 12, data: series.map(({ name }) => name), itemGap: 16 })),
      title: panels.map(({ title }, i) => ({ text: title, left: places[i]!.x + MARGIN.left, top: places[i]!.y + 4, textStyle: { fontSize: 13, color: INK } })),
      grid: places.map(({ x, y }, i) => ({ left: x + MARGIN.left, top: y + top, width: wide - MARGIN.left - MARGIN.right, height: high - top - MARGIN.bottom - (slanted(panels[i]!.x) ? 24 : 0) })),
      xAxis: panels.map(({ x }, gridIndex) => ({ gridIndex, ...axis(x, 30), splitLine: { show: false } })),
      yAxis: panels.map(({ y }, gridIndex) => ({ gridIndex, ...axis(y, 46) })),
      series: panels.flatMap(({ series }, panel) => series.flatMap((one) => drawn(one, panel, one.colour ?? colours.get(one.name)!))),
    },
  ); // biome-ignore format: one line for each part of the chart
}

/** Many or long names need slanted writing, and so more room; one may have several lines. */
const slanted = ({ categories = [] }: Axis) =>
  categories.length *
    Math.max(...categories.flatMap((name) => name.split('\n')).map(({ length }) => length)) >
  60;

export function axis(given: Axis, nameGap: number): object {
  const { name, log, min, max, categories } = given;
  const shared = { name, nameLocation: 'middle', nameTextStyle: { color: INK }, axisLabel: { color: INK, hideOverlap: true }, axisLine: { show: true, onZero: false, lineStyle: { color: '#9aa5b1' } } };
  if (categories) return { ...shared, type: 'category', data: categories, nameGap: nameGap + (slanted(given) ? 34 : 8), axisLabel: { color: INK, interval: 0, rotate: slanted(given) ? 35 : 0, fontSize: 11 } };
  if (log) Object.assign(shared.axisLabel, { formatter: powerOfTen });
  return { ...shared, nameGap, type: log ? 'log' : 'value', scale: true, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
} // biome-ignore format: one line for each kind

/** 0.01 as it is, but 1e−7: a logarithmic axis has long numbers. */
function powerOfTen(value: number): string {
  const short = value >= 1e-3 && value < 1e4;
  return short
    ? `${Number(value.toPrecision(3))}`
    : value.toExponential(0).replace('-', '−').replace('+', '');
}

function drawn(
  { name, points, as = 'line', dashed = false }: Series,
  panel: number,
  color: string,
): object[] {
  const where = { name, xAxisIndex: panel, yAxisIndex: panel, silent: true };
  const data = points.map(([x, y]) => [x, y]);
  const bars = points.filter(([, , low]) => low !== undefined).map(([x, , low, high]) => [x, low, high]);
  const main = {
    line: { type: 'line', showSymbol: points.length <= 20, symbolSize: 5, lineStyle: { width: 2, color, type: dashed ? 'dashed' : 'solid' } },
    dots: { type: 'scatter', symbolSize: 6 },
    bars: { type: 'bar', barMaxWidth: 34 },
  }[as]; // biome-ignore format: one line for each kind
  const error = {
    type: 'custom',
    ...where,
    data: bars,
    encode: { x: 0, y: [1, 2] },
    itemStyle: { color: as === 'bars' ? INK : color },
    renderItem: errorBar,
    clip: true,
    z: 5,
  };
  return [{ ...main, ...where, itemStyle: { color }, data }, ...(bars.length > 0 ? [error] : [])];
}

interface Drawer {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
  visual(name: 'color'): string;
}

function errorBar(_: unknown, api: Drawer): object {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  const style = { stroke: api.visual('color'), lineWidth: 1.5 };
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style,
  });
  return {
    type: 'group',
    children: [line(x, low, x, high), line(x - 3, low, x + 3, low), line(x - 3, high, x + 3, high)],
  };
}
