import { loadFirst, storeFirst } from './vectors';

/**
 * One AdamW update in place, for numbers from … to − 1: m ← β₁·m + (1−β₁)·g,  v ← β₂·v + (1−β₂)·g²,  p ← p −
 * (decay·p + stepSize·m / (√v·rootFactor + eps)), with decay = lr·weightDecay, stepSize = lr/(1−β₁ᵗ),
 * rootFactor = 1/√(1−β₂ᵗ). The decay is subtracted rather than multiplied into p, because 1 − decay has few
 * digits of decay left in float32.
 */
export function adamW(
  parameter: usize, m: usize, v: usize, gradient: usize,
  beta1: f64, beta2: f64, decay: f32, stepSize: f32, rootFactor: f32, eps: f32, from: i32, to: i32,
): void {
  const keepM = f32x4.splat(<f32>beta1);
  const takeM = f32x4.splat(<f32>(1 - beta1));
  const keepV = f32x4.splat(<f32>beta2);
  const takeV = f32x4.splat(<f32>(1 - beta2));
  for (let i = from; i < to; i += 4) {
    const n = to - i;
    const at = <usize>i << 2;
    const g = loadFirst(gradient + at, n, 0);
    const p = loadFirst(parameter + at, n, 0);
    const m1 = f32x4.add(f32x4.mul(keepM, loadFirst(m + at, n, 0)), f32x4.mul(takeM, g));
    const v1 = f32x4.add(f32x4.mul(keepV, loadFirst(v + at, n, 0)), f32x4.mul(f32x4.mul(takeV, g), g));
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v1), f32x4.splat(rootFactor)), f32x4.splat(eps));
    const decayed = f32x4.mul(f32x4.splat(decay), p);
    const change = f32x4.add(decayed, f32x4.div(f32x4.mul(f32x4.splat(stepSize), m1), root));
    storeFirst(m + at, m1, n);
    storeFirst(v + at, v1, n);
    storeFirst(parameter + at, f32x4.sub(p, change), n);
  }
}
