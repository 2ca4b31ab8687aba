import { defineOp } from '../../autograd/index.ts';
import { kernels, type Zoneout } from '../../kernels/index.ts';
import { empty, type Memory, type Tensor, zeros } from '../../tensor/index.ts';
import { floats, packed } from '../operands.ts';
import { select } from '../slice.ts';

/**
 * All states, (2, T + 1, B, H): h and c before the first step and after each. Steps come first in memory, so
 * that what one step works on lies together. Saved: x (T, B, C), the weights, the activated gates (T, B, 4H)
 * and the states.
 */
export const lstmStates = defineOp({
  name: 'lstm',
  forward(
    given: Tensor,
    weightIH: Tensor,
    weightHH: Tensor,
    bias: Tensor | null,
    h0: Tensor | null,
    c0: Tensor | null,
    steps: readonly Zoneout[],
  ) {
    const [T, B, C, H] = [...given.shape, weightHH.shape[1]!] as [number, number, number, number];
    const x = packed(given);
    const states = empty([2, T + 1, B, H], x.dtype);
    const gates = empty([T, B, 4 * H], x.dtype);
    const [h, c] = statesIn(states);
    const a = parts(gates, T);
    const b = bias && floats(bias);
    const sizes = { m: T * B, n: 4 * H, k: C, transposeB: true };
    kernels.matmul(gates.memory, floats(x), floats(weightIH), b, sizes);
    const weights = floats(weightHH);
    const before = select(states, 1, 0);
    start(select(before, 0, 0), h0);
    start(select(before, 0, 1), c0);
    steps.forEach((zoneout, t) => {
      kernels.matmul(a[t]!, h[t]!, weights, null, {
        m: B,
        n: 4 * H,
        k: H,
        transposeB: true,
        accumulate: true,
      });
      kernels.lstmCell(h[t + 1]!, c[t + 1]!, a[t]!, h[t]!, c[t]!, B, H, zoneout);
    });
    return { output: states, saved: { x, weightIH, weightHH, states, gates, steps } };
  },
  backward(dy, { x, weightIH, weightHH, states, gates, steps }, needs) {
    const [T, B, C, H] = [...x.shape, weightHH.shape[1]!] as [number, number, number, number];
    const dStates = empty(states.shape, x.dtype);
    const dGates = empty(gates.shape, x.dtype);
    kernels.copy(dStates.memoryView, dy.memoryView);
    const [dh, dc] = statesIn(dStates);
    const [, c] = statesIn(states);
    const [da, a] = [parts(dGates, T), parts(gates, T)];
    const weights = floats(weightHH);
    for (let t = T - 1; t >= 0; t--) {
      kernels.lstmCellGrad(da[t]!, dh[t]!, dc[t]!, dh[t + 1]!, dc[t + 1]!, a[t]!, c[t]!, B, H, steps[t]!);
      kernels.matmul(dh[t]!, da[t]!, weights, null, { m: B, n: H, k: 4 * H, accumulate: true });
    }
    const dSums = dGates.memory;
    const rows = T * B;
    const dx = needs[0] ? empty(x.shape, x.dtype) : null;
    if (dx)
      kernels.matmul(dx.memory, dSums, floats(weightIH), null, {
        m: rows,
        n: C,
        k: 4 * H,
      });
    const hBefore = states.storage.part(states.offset, rows * H);
    const dWeightIH = needs[1] ? weightGrad(dSums, floats(x), weightIH, rows) : null;
    const dWeightHH = needs[2] ? weightGrad(dSums, hBefore, weightHH, rows) : null;
    const dBias = needs[3] ? empty([4 * H], x.dtype) : null;
    if (dBias) kernels.sum(dBias.memory, dSums, 1, rows, 4 * H);
    const dStart = select(dStates, 1, 0);
    return [dx, dWeightIH, dWeightHH, dBias, select(dStart, 0, 0), select(dStart, 0, 1)];
  },
});

/** All h and all c, step by step: parts of the same memory. */
function statesIn(states: Tensor): [h: Memory[], c: Memory[]] {
  const count = states.shape[1]!;
  const all = parts(states, 2 * count);
  return [all.slice(0, count), all.slice(count)];
}

function parts(x: Tensor, count: number): Memory[] {
  const size = x.size / count;
  return Array.from({ length: count }, (_, i) => x.storage.part(x.offset + i * size, size));
}

/** Writes a state before the first step: zeros unless it is given. */
function start(state: Tensor, given: Tensor | null): void {
  kernels.copy(state.memoryView, (given ?? zeros(state.shape, { dtype: state.dtype })).memoryView);
}

/** daᵀ·inputs, where both have a row for each step and sequence */
function weightGrad(da: Memory, inputs: Memory, weight: Tensor, rows: number): Tensor {
  const gradient = empty(weight.shape, weight.dtype);
  const [m, n] = weight.shape as [number, number];
  kernels.matmul(gradient.memory, da, inputs, null, { m, n, k: rows, transposeA: true });
  return gradient;
}
