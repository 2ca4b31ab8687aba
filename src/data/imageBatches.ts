/** What the augmentations of images share. */
import { check, display, type RandomStream, show, Tensor } from '../tensor/index.ts';

/** The options that all augmentations have. */
export interface AugmentOptions {
  /** Random numbers in [0, 1). Default: the stream of the augmentation's own name. */
  readonly random?: RandomStream | undefined;
}

/** Checks that images are float numbers (B, H, W, C), and returns the four sizes. */
export function checkImageBatch(where: string, images: Tensor): [B: number, H: number, W: number, C: number] {
  check(
    images instanceof Tensor && images.rank === 4 && images.dtype !== 'int32' && images.size > 0,
    where,
    'images are float numbers (B, H, W, C)',
    () => (images instanceof Tensor ? `${images.dtype} ${show(images.shape)}` : display(images)),
  );
  return images.shape as [number, number, number, number];
}
