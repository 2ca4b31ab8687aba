/** Argument checks shared by layers and models. */
import { check, checkWhole, display, sameShape, show, suggest, Tensor } from '../tensor/index.ts';

/** Checks that every named size is a whole number ≥ 1. */
export function checkSize(where: string, sizes: Record<string, number>): void {
  checkWhole(where, sizes, 1);
}

/**
 * A limit far beyond the deepest Transformers (DeepNet: 1,000): a slip would build layers until memory ends.
 */
const MOST_LAYERS = 10_000;

/** Checks that a number of layers can be built. */
export function checkLayers(where: string, layers: number): void {
  checkSize(where, { layers });
  check(layers <= MOST_LAYERS, where, `layers is at most ${MOST_LAYERS}`, () => `${layers}`);
}

/** Checks that the option is one of the known words. */
export function checkOneOf<Word extends string>(
  where: string,
  name: string,
  word: Word,
  known: readonly Word[],
): void {
  check(
    known.includes(word),
    where,
    `${name} is known`,
    () => display(word),
    () => suggest(word, known),
  );
}

/** Checks that tokens are (B, T), and that T positions after `start` earlier ones fit the context. */
export function checkTokens(where: string, tokens: Tensor, context: number, start = 0): void {
  const hint = () => "write tensor([ids], { dtype: 'int32' })";
  check(tokens instanceof Tensor, where, 'tokens are a tensor', () => display(tokens), hint);
  const [, T = 0] = tokens.shape;
  check(
    tokens.rank === 2 && T >= 1 && start + T <= context,
    where,
    `tokens are (B, T) with T from 1 to the context, ${context}`,
    () => `${show(tokens.shape)}${start > 0 ? ` after ${start} in the cache` : ''}`,
    () => 'cut the input, or build the model with a longer context',
  );
}

/** Checks that what is given for each token, by name, has the shape of the tokens. */
export function checkLike(where: string, tokens: Tensor, given: Record<string, Tensor | undefined>): void {
  for (const [name, value] of Object.entries(given)) {
    check(
      value === undefined || sameShape(value.shape, tokens.shape),
      where,
      `${name} have the shape of the tokens, ${show(tokens.shape)}`,
      () => show(value!.shape),
    );
  }
}

/** Checks that there is one target for each token: int32, below `vocabSize`, or −100 where none counts. */
export function checkTargets(where: string, tokens: Tensor, targets: Tensor, vocabSize: number): void {
  check(
    sameShape(tokens.shape, targets.shape) && targets.dtype === 'int32',
    where,
    `targets are int32 and have the shape of the tokens, ${show(tokens.shape)}`,
    () => `${targets.dtype} of shape ${show(targets.shape)}`,
  );
  const bad = targets.toTypedArray().find((target) => target !== -100 && (target < 0 || target >= vocabSize));
  check(bad === undefined, where, `targets lie in [0, ${vocabSize}) or are −100`, () => `${bad}`);
}

/** A size that is one number, or height and width. */
export type Square = number | readonly [height: number, width: number];

/** Checks the sizes of images and of their patches, and returns the number of patches down and across. */
export function patchGrid(
  where: string,
  imageSize: Square,
  patchSize: number,
): [down: number, across: number] {
  const [height, width] = typeof imageSize === 'number' ? [imageSize, imageSize] : imageSize;
  checkSize(where, { height, width, patchSize });
  check(
    height % patchSize === 0 && width % patchSize === 0,
    where,
    'height and width of the images are multiples of patchSize',
    () => `images of ${height}×${width} and patches of ${patchSize}`,
  );
  return [height / patchSize, width / patchSize];
}

/** Checks that images are (B, H, W, C) with the height, width and channels that a model is made for. */
export function checkImages(
  where: string,
  images: Tensor,
  [height, width, channels]: readonly number[],
): void {
  check(
    images instanceof Tensor && sameShape(images.shape.slice(1), [height!, width!, channels!]),
    where,
    `images are (B, ${height}, ${width}, ${channels})`,
    () => display(images),
  );
}
