import { parseArgs } from 'node:util';
import { check } from 'scratchformer';

export interface ExampleArguments {
  /** A smoke run of a few seconds: everything happens, nothing is learned. */
  readonly quick: boolean;
  readonly seed: number;
  /** Other words on the command line. */
  readonly words: readonly string[];
}

/** Reads what follows the name of an example: `npm run example -- adder --quick --seed 2`. */
export function exampleArguments({ defaultSeed = 1, maxWords = 0 } = {}): ExampleArguments {
  const options = { quick: { type: 'boolean', default: false }, seed: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  check(positionals.length <= maxWords, 'example', `it takes ${maxWords} words besides the options`, () =>
    positionals.join(' '),
  );
  return { quick: values.quick, seed: Number(values.seed ?? defaultSeed), words: positionals };
}
