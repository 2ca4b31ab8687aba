import { elementwise } from './elementwise.ts';

/**
 * The error function.
 *
 *   erf(x) = 2/√π ∫₀ˣ e^(−t²) dt        erf′(x) = 2/√π·e^(−x²)
 *
 * Four intervals, each with a rational approximation good to one unit in the last place of float64:
 *   |x| < 0.84375     x + x·P(x²)/Q(x²)
 *   |x| < 1.25        c + P(|x| − 1)/Q(|x| − 1)
 *   |x| < 6           1 − e^(−x² − 0.5625 + P(1/x²)/Q(1/x²))/|x|, in two parts
 *   beyond            ±1
 * Intervals and coefficients: fdlibm, `s_erf.c` (Sun Microsystems, 1993).
 */
export const erf = elementwise({
  name: 'erf',
  f: erfOf,
  df: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
});

/** erf of one number. */
export function erfOf(x: number): number {
  const a = Math.abs(x);
  if (a < 0.84375) return x + x * nearZero(x * x);
  const sign = x < 0 ? -1 : 1;
  if (a < 1.25) return sign * (0.8450629115104675 + nearOne(a - 1));
  if (a >= 6) return sign;
  if (Number.isNaN(x)) return x;
  const s = 1 / (a * a);
  // e^(−a²) as a product: the square of the rounded part is exact, so no digits are lost in the exponent.
  const r = Math.fround(a);
  const exponent =
    Math.exp(-r * r - 0.5625) * Math.exp((r - a) * (r + a) + (a < 1 / 0.35 ? middle(s) : far(s)));
  return sign * (1 - exponent / a);
}

function nearZero(z: number): number {
  const p =
    0.12837916709551256 +
    z *
      (-0.3250421072470015 +
        z * (-0.02848174957559851 + z * (-0.005770270296489442 + z * -2.3763016656650163e-5)));
  const q =
    1 +
    z *
      (0.39791722395915535 +
        z *
          (0.0650222499887673 +
            z * (0.005081306281875766 + z * (0.00013249473800432164 + z * -3.960228278775368e-6))));
  return p / q;
}

function nearOne(s: number): number {
  const p =
    -0.0023621185607526594 +
    s *
      (0.41485611868374833 +
        s *
          (-0.3722078760357013 +
            s *
              (0.31834661990116175 +
                s * (-0.11089469428239668 + s * (0.035478304325618236 + s * -0.002166375594868791)))));
  const q =
    1 +
    s *
      (0.10642088040084423 +
        s *
          (0.540397917702171 +
            s *
              (0.07182865441419627 +
                s * (0.12617121980876164 + s * (0.01363708391202905 + s * 0.011984499846799107)))));
  return p / q;
}

function middle(s: number): number {
  const p =
    -0.009864944034847148 +
    s *
      (-0.6938585727071818 +
        s *
          (-10.558626225323291 +
            s *
              (-62.375332450326006 +
                s *
                  (-162.39666946257347 +
                    s * (-184.60509290671104 + s * (-81.2874355063066 + s * -9.814329344169145))))));
  const q =
    1 +
    s *
      (19.651271667439257 +
        s *
          (137.65775414351904 +
            s *
              (434.56587747522923 +
                s *
                  (645.3872717332679 +
                    s *
                      (429.00814002756783 +
                        s * (108.63500554177944 + s * (6.570249770319282 + s * -0.0604244152148581)))))));
  return p / q;
}

function far(s: number): number {
  const p =
    -0.0098649429247001 +
    s *
      (-0.799283237680523 +
        s *
          (-17.757954917754752 +
            s *
              (-160.63638485582192 +
                s * (-637.5664433683896 + s * (-1025.0951316110772 + s * -483.5191916086514)))));
  const q =
    1 +
    s *
      (30.33806074348246 +
        s *
          (325.7925129965739 +
            s *
              (1536.729586084437 +
                s *
                  (3199.8582195085955 +
                    s * (2553.0504064331644 + s * (474.52854120695537 + s * -22.44095244658582))))));
  return p / q;
}
