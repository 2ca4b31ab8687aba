import { check, type Tensor, withDefaults } from '../tensor/index.ts';
import { elementwise } from './elementwise.ts';

/** The options of `clamp`. */
export interface ClampOptions {
  /** Lower bound. Default −∞. */
  readonly min?: number;
  /** Upper bound. Default ∞. */
  readonly max?: number;
}

const clampMin = elementwise({
  name: 'clamp',
  f: Math.max,
  df: (x, _y, min) => (x >= min ? 1 : 0),
});

const clampMax = elementwise({
  name: 'clamp',
  f: Math.min,
  df: (x, _y, max) => (x <= max ? 1 : 0),
});

/**
 * Cuts values off below `min` and above `max`; at least one of them is given. NaN stays NaN.
 *
 *   y = min(max(x, lo), hi)        dx = dy where lo ≤ x ≤ hi, bounds included; else 0
 */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  const { min, max } = withDefaults<Required<ClampOptions>>('clamp', options, {
    min: -Infinity,
    max: Infinity,
  });
  check(
    !Number.isNaN(min) && !Number.isNaN(max),
    'clamp',
    'bounds are not NaN',
    () => `min ${min}, max ${max}`,
  );
  check(min > -Infinity || max < Infinity, 'clamp', 'min or max is a number', () => `min ${min}, max ${max}`);
  const above = min > -Infinity ? clampMin(x, min) : x;
  return max < Infinity ? clampMax(above, max) : above;
}
