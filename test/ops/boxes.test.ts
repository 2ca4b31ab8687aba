import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import { boxCentres, boxCorners, boxIoU, boxL1, expandDims, generalizedIoU } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

test('corners and centres', () => {
  expectGolden('boxCorners', (boxes) => boxCorners(boxes!));
  expectGolden('boxCentres', (corners) => boxCentres(corners!));
});

test.each([
  ['boxIoU', boxIoU],
  ['generalizedIoU', generalizedIoU],
] as const)('%s, box by box and of all pairs', (name, op) => {
  expectGolden(name, (a, b) => op(boxCorners(a!), boxCorners(b!)));
  expectGolden(`${name} of all pairs`, (a, b) => op(expandDims(boxCorners(a!), 1), boxCorners(b!)));
});

test('known values', () => {
  const unit = tensor([0, 0, 1, 1]);
  const iou = (box: number[]) => boxIoU(unit, tensor(box)).item();
  const giou = (box: number[]) => generalizedIoU(unit, tensor(box)).item();
  expect([iou([0, 0, 1, 1]), giou([0, 0, 1, 1])]).toEqual([1, 1]);
  expect(iou([0.5, 0, 1.5, 1])).toBeCloseTo(1 / 3, 6);
  expect(giou([3, 0, 4, 1])).toBeCloseTo(-0.5, 6); // a hull of 4, half of it empty: 0 − 2/4
  expect(boxL1(unit, tensor([0, 1, 3, 1])).item()).toBe(3);
});

test('boxes that do not meet are drawn together by the generalised IoU', () => {
  const far = tensor([3, 0, 4, 1], { dtype: 'float64', requiresGrad: true });
  generalizedIoU(tensor([0, 0, 1, 1], { dtype: 'float64' }), far).backward();
  const [left, , right] = far.grad!.toTypedArray();
  expect(left! + right!).toBeLessThan(0); // moving right makes it worse
  gradcheck((a, b) => generalizedIoU(a, b), [
    tensor([[0, 0, 1, 1], [0.1, 0.2, 2, 1.7]], { dtype: 'float64' }),
    tensor([[3, 0, 4, 1], [0.3, 0.1, 1, 2]], { dtype: 'float64' }),
  ]); // biome-ignore format: rows
});

test('bad input', () => {
  expect(() => boxIoU(zeros([3]), zeros([4]))).toThrow('boxIoU: a box is four numbers, (…, 4). got (3).');
});
