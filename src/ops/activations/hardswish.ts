import { elementwise } from '../elementwise.ts';

/**
 * Hard Swish: SiLU with straight lines in place of the sigmoid, made for small devices.
 *
 *   y = x·clamp(x + 3, 0, 6)/6        y′ = 0 for x < −3, x/3 + ½ up to 3, 1 beyond
 *
 * Non-monotonic (minimum −0.375 at x = −1.5), bounded below; kinks at ±3, where y′ is that of the middle
 * piece (PyTorch, too, except that its vectorized loop has 1 at 3). MobileNetV3 uses it.
 *
 * Howard et al., "Searching for MobileNetV3", arXiv:1905.02244
 */
export const hardswish = elementwise({
  name: 'hardswish',
  f: (x) => (x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6),
  df: (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5),
});
