import { flat, group, kernel, main, run, thread } from '../kernel.ts';
import { readOnHost } from '../numbers.ts';
import { forFloat32 } from '../overlay.ts';
import { exponential, logarithm, reduction, special } from '../wgsl.ts';

const THREADS = 128;
const eachColumn = `for (var c = l; c < p.cols; c += ${THREADS}u)`;
const weight = `fn weightOf(c: u32) -> f32 { if (p.hasWeights == 0u) { return 1.0; } return weights[p.weightsAt + c]; }`;

/** Half of m − x + log Σ: the whole may be out of range before it is weighted. */
const minusLog = 'fn minusLog(m: f32, x: f32, log: f32) -> f32 { return 0.5 * m - 0.5 * x + 0.5 * log; }';

const losses = kernel('crossEntropy', {
  writes: ['loss', 'max_', 'sum_'],
  reads: ['x', 'targets: i32', 'weights'],
  sizes: ['rows', 'cols', 'ignored', 'smoothing: f32', 'hasWeights'],
  code: `${special}${exponential}${logarithm}${weight}${minusLog}
${reduction('most', THREADS, 'larger(a, b)')}${reduction('total', THREADS, 'a + b')}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let start = p.xAt + row * p.cols;
  let target_ = targets[p.targetsAt + row];
  var m = lowest();
  ${eachColumn} { m = larger(m, x[start + c]); }
  m = most(m, l);
  var s = 0.0;
  ${eachColumn} { s += exponential(x[start + c] - m); }
  s = total(s, l);
  let log = logarithm(s);
  var smooth_ = 0.0;
  if (p.smoothing > 0.0) {
    ${eachColumn} { smooth_ += p.smoothing / f32(p.cols) * 2.0 * weightOf(c) * minusLog(m, x[start + c], log); }
  }
  smooth_ = total(smooth_, l);
  if (l > 0u) { return; }
  max_[p.max_At + row] = m;
  sum_[p.sum_At + row] = select(s, 0.0, m == lowest());
  var value = 0.0;
  if (target_ != i32(p.ignored)) {
    let y = u32(target_);
    value = (1.0 - p.smoothing) * 2.0 * weightOf(y) * minusLog(m, x[start + y], log) + smooth_;
  }
  loss[p.lossAt + row] = value;
}`,
});

export const crossEntropy = forFloat32('crossEntropy', (loss, max, sum, x, targets, rows, cols, options) => {
  const { ignoreIndex, labelSmoothing, weights } = options;
  const sizes = [rows, cols, ignoreIndex, labelSmoothing, Number(weights !== null)];
  run(losses, [loss, max, sum], [x, targets, weights], sizes, flat(rows, 1));
});

const gradients = kernel('crossEntropyGrad', {
  writes: ['dx'],
  reads: ['dloss', 'x', 'max_', 'sum_', 'targets: i32', 'weights'],
  sizes: ['n', 'cols', 'ignored', 'smoothing: f32', 'allWeights: f32', 'hasWeights'],
  code: `${special}${exponential}${weight}
${main(256)} {
  let i = ${thread(256)};
  if (i >= p.n) { return; }
  let row = i / p.cols; let c = i % p.cols;
  let target_ = targets[p.targetsAt + row];
  if (target_ == i32(p.ignored)) { dx[p.dxAt + i] = 0.0; return; }
  let d = dloss[p.dlossAt + row];
  let onTarget = (1.0 - p.smoothing) * weightOf(u32(target_));
  let smooth_ = p.smoothing / f32(p.cols);
  let mass = onTarget + smooth_ * p.allWeights;
  let probability = exponential(x[p.xAt + i] - max_[p.max_At + row]) / sum_[p.sum_At + row];
  let share = smooth_ * weightOf(c) + select(0.0, onTarget, u32(target_) == c);
  dx[p.dxAt + i] = d * (probability * mass - share);
}`,
});

export const crossEntropyGrad = forFloat32(
  'crossEntropyGrad',
  (dx, dloss, x, max, sum, targets, rows, cols, options) => {
    const { ignoreIndex, labelSmoothing, weights } = options;
    let all = weights === null ? cols : 0;
    if (weights !== null) for (const weight of readOnHost(weights)) all += weight;
    const sizes = [rows * cols, cols, ignoreIndex, labelSmoothing, all, Number(weights !== null)];
    run(gradients, [dx], [dloss, x, max, sum, targets, weights], sizes, flat(rows * cols, 256));
  },
);
