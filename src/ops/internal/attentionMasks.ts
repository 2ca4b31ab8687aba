/** Masks as numbers to add to the scores: −∞ hides a key. */
import { check, type DType, empty, sameShape, show, type Tensor } from '../../tensor/index.ts';
import { broadcastView, checkFloat, checkSameDtype, packed } from '../operands.ts';

const HIDDEN = Number.NEGATIVE_INFINITY;

/** The bias (B, 1, 1, S) of a padding mask (B, S), which is not 0 at keys to ignore. */
export function paddingBias(keyPaddingMask: Tensor, dtype: DType): Tensor {
  const [B, S] = keyPaddingMask.shape as [number, number];
  const bias = empty([B, 1, 1, S], dtype, 'keyPaddingMask');
  const ignored = packed(keyPaddingMask).data;
  const data = bias.data;
  for (let i = 0; i < data.length; i++) data[i] = ignored[i] !== 0 ? HIDDEN : 0;
  return bias;
}

/** The bias (T, S) of a causal mask: query t sees keys 0 … t + S − T, so the last query sees the last key. */
export function causalBias(T: number, S: number, dtype: DType): Tensor {
  const bias = empty([T, S], dtype, 'causal');
  const data = bias.data;
  for (let t = 0; t < T; t++) {
    for (let s = 0; s < S; s++) data[t * S + s] = s > t + S - T ? HIDDEN : 0;
  }
  return bias;
}

export function checkAttention(
  where: string,
  q: Tensor,
  k: Tensor,
  { mask, keyPaddingMask }: { readonly mask: Tensor | null; readonly keyPaddingMask: Tensor | null },
): void {
  const [B, H, , D] = q.shape;
  check(
    q.rank === 4 && k.rank === 4 && k.shape[0] === B && k.shape[1] === H && k.shape[3] === D,
    where,
    'q is (B, H, T, D) and k is (B, H, S, D)',
    () => `q ${show(q.shape)} and k ${show(k.shape)}`,
  );
  checkFloat(q, where);
  checkSameDtype([q, k, mask], where);
  // A mask that is larger than the scores would stretch them: this throws unless it fits.
  if (mask) broadcastView(mask, [B!, H!, q.shape[2]!, k.shape[2]!], where);
  if (keyPaddingMask === null) return;
  const keys = [B!, k.shape[2]!];
  check(sameShape(keyPaddingMask.shape, keys), where, `keyPaddingMask has shape (B, S), ${show(keys)}`, () =>
    show(keyPaddingMask.shape),
  );
}
