import { show } from '../tensor/index.ts';
import type { Parameter } from './parameter.ts';

/** One line for each parameter (name, shape, count, role) and the total. */
export function summaryTable(parameters: readonly (readonly [string, Parameter])[]): string {
  const total = parameters.reduce((count, [, parameter]) => count + parameter.size, 0);
  const rows = [
    ['parameter', 'shape', 'count', 'role'],
    ...parameters.map(([name, p]) => [name, show(p.shape), p.size.toLocaleString('en-US'), p.role]),
    ['total', '', total.toLocaleString('en-US'), ''],
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const [names, shapes, counts] = [width(0), width(1), width(2)];
  return rows
    .map(([name, shape, count, role]) =>
      `${name!.padEnd(names)}  ${shape!.padEnd(shapes)}  ${count!.padStart(counts)}  ${role}`.trimEnd(),
    )
    .join('\n');
}
