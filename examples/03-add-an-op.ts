// Add an op: its forward and its backward, side by side, in a file of your own.
//
//     npm run example -- add-an-op

import { defineOp, gradcheck, Linear, manualSeed, randn, type Tensor } from 'scratchformer';
import { SGD } from 'scratchformer/optimizers';
import { empty } from 'scratchformer/tensor';

/**
 * The snake activation (Ziyin et al., arXiv:2006.08195), which can learn periodic functions.
 *
 *   y = x + sin²(ax)/a        dx = dy·(1 + sin 2ax)
 */
const snake = defineOp({
  name: 'snake',
  forward(x: Tensor, a: number) {
    const output = empty(x.shape, x.dtype, 'snake');
    const [from, to] = [x.contiguous().data, output.data];
    for (let i = 0; i < to.length; i++) to[i] = from[i]! + Math.sin(a * from[i]!) ** 2 / a;
    return { output, saved: { x, a } }; // backward needs x: it is kept, and protected from changes, until then
  },
  backward(dy, { x, a }) {
    const dx = empty(x.shape, x.dtype);
    const [from, d, to] = [x.contiguous().data, dy.contiguous().data, dx.data];
    for (let i = 0; i < to.length; i++) to[i] = d[i]! * (1 + Math.sin(2 * a * from[i]!));
    return [dx]; // one gradient for each argument; a number needs none
  },
});

gradcheck((x) => snake(x, 1.5), [randn([4, 3], { dtype: 'float64' })]);
console.log('gradcheck passed');

// It is an op like any other: fit sin(x) on [−6, 6] with it.
manualSeed(1);
const inner = new Linear(1, 32);
const outer = new Linear(32, 1);
const optimizer = new SGD([...inner.parameters(), ...outer.parameters()], { lr: 0.01, momentum: 0.9 });
for (let step = 0; step <= 2000; step++) {
  const x = randn([64, 1]).mul(3);
  const target = x.mul(1);
  for (let i = 0; i < 64; i++) target.data[i] = Math.sin(x.data[i]!);
  const loss = outer
    .forward(snake(inner.forward(x), 1))
    .sub(target)
    .square()
    .mean();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step === 0) console.log('loss starts above 0.1:', loss.item() > 0.1);
  if (step === 2000) console.log('loss ends below 0.02: ', loss.item() < 0.02);
}

/* prints
gradcheck passed
loss starts above 0.1: true
loss ends below 0.02:  true
*/
