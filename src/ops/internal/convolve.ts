/** A convolution in two steps: unfold the input into its windows, then one matrix product. */
import { check, display, show, type Tensor, withDefaults } from '../../tensor/index.ts';
import { add } from '../add.ts';
import type { Conv2dOptions } from '../conv2d.ts';
import { matmul } from '../matmul.ts';
import { checkSameDtype, checkTensors } from '../operands.ts';
import { type Borders, pad } from '../pad.ts';
import { permute } from '../permute.ts';
import { reshape } from '../reshape.ts';
import { unfold } from '../unfold.ts';

/** One number for both axes, or one for the height and one for the width. */
export type Pair = number | readonly [height: number, width: number];

/**
 * The convolution of images (B, H, W, Cin) by a weight (kH, kW, Cin/groups, Cout); `where` names it in
 * errors.
 */
export function convolve(
  where: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: Conv2dOptions,
): Tensor {
  checkTensors({ x, weight }, { bias }, where);
  const settings = withDefaults<Required<Conv2dOptions>>(where, options, {
    stride: 1,
    padding: [0, 0],
    dilation: 1,
    groups: 1,
  });
  const { groups } = settings;
  checkShapes(where, x, weight, bias, groups);
  const [kH, kW, , Cout] = weight.shape as [number, number, number, number];
  const stride = pairOf(where, 'stride', settings.stride, 1);
  const dilation = pairOf(where, 'dilation', settings.dilation, 1);
  const [rows, columns] = bordersOf(where, settings.padding, [kH, kW], dilation);
  const windows = unfold(pad(x, [NONE, rows!, columns!, NONE]), [
    { axis: 1, size: kH, stride: stride[0], dilation: dilation[0] },
    { axis: 2, size: kW, stride: stride[1], dilation: dilation[1] },
  ]);
  const [B, H, W] = windows.shape as [number, number, number];
  const y = groups === 1 ? product(windows, weight) : groupedProduct(windows, weight, groups);
  const shaped = reshape(y, [B, H, W, Cout]);
  return bias ? add(shaped, bias) : shaped;
}

const NONE = [0, 0] as const;

/** The zeros before and after the rows and the columns. */
function bordersOf(
  where: string,
  padding: Pair | 'same',
  sizes: readonly number[],
  dilation: readonly number[],
): Borders {
  if (padding !== 'same') return pairOf(where, 'padding', padding, 0).map((count) => [count, count] as const);
  return sizes.map((size, i) => {
    const all = (size - 1) * dilation[i]!;
    return [Math.floor(all / 2), Math.ceil(all / 2)] as const;
  });
}

/** (B, H′, W′, kH, kW, Cin) × (kH, kW, Cin, Cout) → (B·H′·W′, Cout) */
function product(windows: Tensor, weight: Tensor): Tensor {
  const Cout = weight.shape[3]!;
  const K = weight.size / Cout;
  return matmul(reshape(windows, [-1, K]), reshape(weight, [K, Cout]));
}

/**
 * The same for each group apart: its windows by its weights, (groups, B·H′·W′, K)·(groups, K, Cout/groups).
 */
function groupedProduct(windows: Tensor, weight: Tensor, groups: number): Tensor {
  const [B, H, W, kH, kW] = windows.shape as [number, number, number, number, number];
  const [, , perGroup, Cout] = weight.shape as [number, number, number, number];
  const K = kH * kW * perGroup;
  const apart = permute(reshape(windows, [B * H * W, kH * kW, groups, perGroup]), [2, 0, 1, 3]);
  const weights = permute(reshape(weight, [K, groups, Cout / groups]), [1, 0, 2]);
  return permute(matmul(reshape(apart, [groups, B * H * W, K]), weights), [1, 0, 2]);
}

/** The numbers for height and width; whole numbers ≥ `least`. */
export function pairOf(where: string, name: string, value: Pair, least: number): readonly [number, number] {
  const pair = typeof value === 'number' ? ([value, value] as const) : value;
  check(
    Array.isArray(pair) && pair.length === 2 && pair.every((one) => Number.isInteger(one) && one >= least),
    where,
    `${name} is a whole number ≥ ${least}, or a pair of them`,
    () => display(value),
  );
  return pair;
}

function checkShapes(where: string, x: Tensor, weight: Tensor, bias: Tensor | null, groups: number): void {
  check(
    x.rank === 4 && weight.rank === 4,
    where,
    'x is (B, H, W, Cin) and the weight (kH, kW, Cin/groups, Cout)',
    () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
  );
  const [Cin, Cout] = [x.shape[3]!, weight.shape[3]!];
  check(
    Number.isInteger(groups) && groups >= 1 && Cin % groups === 0 && Cout % groups === 0,
    where,
    `groups divide both the ${Cin} inputs and the ${Cout} outputs`,
    () => `${groups}`,
  );
  check(
    weight.shape[2] === Cin / groups,
    where,
    `the weight is for the ${Cin / groups} inputs of a group`,
    () => `weight ${show(weight.shape)} for x ${show(x.shape)} in ${groups} group(s)`,
    () => 'channels come last: images are (B, H, W, C)',
  );
  check(bias === null || (bias.rank === 1 && bias.size === Cout), where, `the bias has shape (${Cout})`, () =>
    show(bias!.shape),
  );
  checkSameDtype([x, weight, bias], where);
}
