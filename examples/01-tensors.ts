// Tensors: shapes, broadcasting, views that share memory.
//
//     npm run example -- tensors

import { arange, ones, reshape, tensor } from 'scratchformer';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
console.log('x + row      ', x.add(tensor([10, 20, 30])).toArray());
console.log('x + column   ', x.add(tensor([[100], [200]])).toArray());
console.log('row sums     ', x.sum(-1).toArray());
console.log('x · xᵀ       ', x.matmul(x.transpose()).toArray());
console.log('softmax      ', x.softmax(-1).toString());

// Transposes, slices and reshapes are views: the same memory, read in another order.
const column = x.slice({ axis: 1, start: 1, end: 2 });
column.fill_(0);
console.log('x, column 1=0', x.toArray());

// Methods are for convenience; every op is also a function.
console.log('as a function', reshape(arange(6), [3, 2]).toArray());

try {
  x.add(ones([4]));
} catch (error) {
  console.log(String(error));
}

/* prints
x + row       [ [ 11, 22, 33 ], [ 14, 25, 36 ] ]
x + column    [ [ 101, 102, 103 ], [ 204, 205, 206 ] ]
row sums      [ 6, 15 ]
x · xᵀ        [ [ 14, 32 ], [ 32, 77 ] ]
softmax       Tensor (2, 3) float32 [[0.0900306,0.244728,0.665241],[0.0900306,0.244728,0.665241]]
x, column 1=0 [ [ 1, 0, 3 ], [ 4, 0, 6 ] ]
as a function [ [ 0, 1 ], [ 2, 3 ], [ 4, 5 ] ]
InvariantError: add: shapes broadcast (dimensions, aligned at the right, are equal or 1). got (2, 3) and (4).
*/
