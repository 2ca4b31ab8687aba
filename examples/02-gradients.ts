// Gradients: what backward computes, where it puts it, and who owns the memory.
//
//     npm run example -- gradients

import { gelu, gradcheck, noGrad, randn, tensor } from 'scratchformer';

// d/dx of Σ x² + 3x is 2x + 3.
const x = tensor([1, -2, 0.5], { requiresGrad: true });
x.square().add(x.mul(3)).sum().backward();
console.log('2x + 3        ', x.grad?.toArray());

// A second backward adds to the first; zeroGrad starts again.
x.mul(10).sum().backward();
console.log('accumulated   ', x.grad?.toArray());
x.zeroGrad();

// backward consumes the graph and recycles its memory. What is needed longer is copied out, with detach.
const y = gelu(x);
const kept = y.detach();
y.sum().backward();
console.log('kept          ', kept.toString());
try {
  y.toArray();
} catch (error) {
  console.log('touched late  ', (error as Error).message.split('. got ')[0]);
}

// noGrad records nothing, and frees what was computed inside but for what is returned.
const mean = noGrad(() => gelu(x).mean());
console.log('no graph      ', mean.requiresGrad, mean.item().toFixed(4));

// Is a gradient right? Compare it with differences, in float64.
gradcheck(
  (a, b) => gelu(a.matmul(b)),
  [randn([3, 4], { dtype: 'float64' }), randn([4, 2], { dtype: 'float64' })],
);
console.log('gradcheck     ', 'passed');

/* prints
2x + 3         [ 5, -1, 4 ]
accumulated    [ 15, 9, 14 ]
kept           Tensor (3) float32 [0.841345,-0.0455003,0.345731]
touched late   gelu: a result is read before it is freed
no graph       false 0.3805
gradcheck      passed
*/
