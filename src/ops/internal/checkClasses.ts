import { check, type Shape, sameShape, show, type Tensor } from '../../tensor/index.ts';
import { checkIndices } from '../operands.ts';

/** Checks that targets (…) are classes for logits (…, V), or `ignoreIndex`. */
export function checkClasses(where: string, logits: Shape, targets: Tensor, ignoreIndex: number): void {
  check(
    sameShape(logits.slice(0, -1), targets.shape),
    where,
    'logits are (…, V) and targets (…)',
    () => `logits ${show(logits)} and targets ${show(targets.shape)}`,
    () => 'targets (…, V) are probabilities, and float',
  );
  const V = logits.at(-1)!;
  const given = checkIndices(targets, where);
  const bad = given.findIndex((target) => target !== ignoreIndex && (target < 0 || target >= V));
  check(
    bad === -1,
    where,
    `a target lies in [0, ${V}) or is ignoreIndex (${ignoreIndex})`,
    () => `target out of range: ${given[bad]} at index ${bad}`,
  );
}
