import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ rotate: 11 });

export const rotate = forFloat32(
  'rotate',
  (y, x, cos, sin, tokens, positions, heads, pairs, apart, direction) => {
    const split = { total: tokens, work: 3 * y.length };
    wasm.rotate(split, [y], [x, cos, sin], [positions, heads, pairs, apart, direction]);
  },
);
