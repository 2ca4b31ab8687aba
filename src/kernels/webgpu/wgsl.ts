/** WGSL that several kernels share: elementary functions, as in `wasm/assembly/math.ts`, and sums over a group. */

/** What arithmetic has beside numbers. Constants of the language must be finite: a variable need not. */
export const special = `
fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }
fn lowest() -> f32 { var bits = 0xff800000u; return bitcast<f32>(bits); } // −∞
fn larger(a: f32, b: f32) -> f32 { return select(select(a, b, b > a), a + b, isNaN(a) || isNaN(b)); } // NaN wins`;

/** eˣ, and eˣ − 1 near 0: x = k·ln 2 + r with |r| ≤ ½ ln 2, and eˣ = 2ᵏ·eʳ; the power comes in two factors. */
export const exponential = `
fn powerOf2(k: i32) -> f32 { return bitcast<f32>(u32(k + 127) << 23u); }
fn expm1Near0(r: f32) -> f32 {
  var q = fma(r, 0.0013868435, 0.008366432);
  q = fma(r, q, 0.04166746);
  q = fma(r, q, 0.16666545);
  q = fma(r, q, 0.49999997);
  return fma(r * r, q, r);
}
fn expSum(x: f32, tail: f32) -> f32 {
  let n = round(x * 1.4426950408889634);
  let r = fma(n, 2.1219444005469057e-4, fma(n, -0.693359375, x)) + tail;
  let k = i32(n);
  let half = k >> 1u;
  return (expm1Near0(r) + 1.0) * powerOf2(half) * powerOf2(k - half);
}
fn exponential(x: f32) -> f32 { return select(expSum(clamp(x, -104.0, 89.0), 0.0), x, isNaN(x)); }`;

/** log x for x > 0, denormals aside: x = 2ᵉ·(1 + f) with √½ ≤ 1 + f < √2. */
export const logarithm = `
fn logarithm(x: f32) -> f32 {
  let k = (bitcast<i32>(x) - 0x3f3504f3) >> 23u;
  let f = bitcast<f32>(bitcast<i32>(x) - (k << 23u)) - 1.0;
  let e = f32(k);
  var q = fma(f, -0.07636428, 0.12762213);
  q = fma(f, q, -0.1315961);
  q = fma(f, q, 0.1420158);
  q = fma(f, q, -0.16623409);
  q = fma(f, q, 0.20001242);
  q = fma(f, q, -0.2500082);
  q = fma(f, q, 0.3333333);
  var y = fma(e, -2.1219444005469057e-4, f * f * f * q);
  y = f + fma(f * f, -0.5, y);
  y = fma(e, 0.693359375, y);
  return select(x, y, x > 0.0 && isFinite(x)); // +∞ and NaN are their own logarithm
}`;

/** eˣ − 1 for x ≤ 0, tanh, σ and σ′, and what GELU is made of: φ and the tail of Φ. */
export const smooth = `
fn expm1Below0(x: f32) -> f32 {
  let t = max(x, -40.0);
  let n = round(t * 1.4426950408889634);
  let power = powerOf2(i32(n));
  return fma(power, expm1Near0(fma(n, 2.1219444005469057e-4, fma(n, -0.693359375, t))), power - 1.0);
}
fn tanhOf(x: f32) -> f32 {
  let m = expm1Below0(-2.0 * abs(x));
  let y = abs(m / (m + 2.0));
  return select(select(y, -y, x < 0.0), x, isNaN(x));
}
fn sigmoid(x: f32) -> f32 { let e = exponential(-abs(x)); return select(1.0, e, x < 0.0) / (e + 1.0); }
fn sigmoidSlope(x: f32) -> f32 { let e = exponential(-abs(x)); let r = 1.0 / (e + 1.0); return e * r * r; }
fn expOfSquare(x: f32, factor: f32) -> f32 {
  let h = bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
  return expSum(h * h * factor, (x - h) * (x + h) * factor);
}
fn gaussian(t: f32) -> f32 { return expOfSquare(t, -0.5); }
fn gaussianTail(t: f32) -> f32 {
  var a = fma(t, 0.0041532204, 0.04088106);
  a = fma(t, a, 0.18396893);
  a = fma(t, a, 0.43928313);
  a = fma(t, a, 0.5);
  var b = fma(t, 0.010410469, 0.10247973);
  b = fma(t, b, 0.47140813);
  b = fma(t, b, 1.2055473);
  b = fma(t, b, 1.6764513);
  b = fma(t, b, 1.0);
  return a / b;
}
fn damped(x: f32, factor: f32) -> f32 { return select(x * factor, 0.0, factor == 0.0 && !isNaN(x)); }`;

/** A reduction over the threads of a group, which all get the result; always in one order. */
export const reduction = (name: string, size: number, combined: string) => `
var<workgroup> ${name}Of: array<f32, ${size}>;
fn ${name}(x: f32, l: u32) -> f32 {
  ${name}Of[l] = x;
  workgroupBarrier();
  for (var s = ${size / 2}u; s > 0u; s >>= 1u) {
    if (l < s) { let a = ${name}Of[l]; let b = ${name}Of[l + s]; ${name}Of[l] = ${combined}; }
    workgroupBarrier();
  }
  let result = workgroupUniformLoad(&${name}Of[0]);
  return result;
}`;

/**
 * Sums with what rounding took: a sum s and its error c. Σ is s + c, but for sums that are not finite, which have
 * no error. Compilers would find that (a + b) − a is b; a size `zero`, which is 0, keeps them from it.
 */
export const exactSum = `
fn asIs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) | p.zero); }
fn plus(sum: vec2f, x: f32) -> vec2f {
  let s = asIs(sum.x + x);
  let b = asIs(s - sum.x);
  return vec2f(s, sum.y + ((sum.x - (s - b)) + (x - b)));
}
fn joined(a: vec2f, b: vec2f) -> vec2f { let s = plus(a, b.x); return vec2f(s.x, s.y + b.y); }
fn rounded(sum: vec2f) -> f32 { return sum.x + select(0.0, sum.y, isFinite(sum.y)); }`;

/** uniform(seed, index) < p, as a threshold ⌈p·2³²⌉ of 32 bits; see js/uniform.ts. */
export const random = `
fn mixed(x: u32) -> u32 {
  var h = (x ^ (x >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}
fn isDropped(seed: u32, index: u32, threshold: u32) -> bool { return mixed(mixed(index) ^ seed) < threshold; }`;

/** ⌈p·2³²⌉ for p in [0, 1) */
export function thresholdOf(p: number): number {
  return Math.min(Math.ceil(p * 2 ** 32), 2 ** 32 - 1);
}
