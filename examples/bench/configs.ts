/** The three sizes that are measured: GPTs without biases, exact GELU, tied head, dropout 0, float32. */

export interface Config {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly context: number;
  readonly batchSize: number;
  readonly vocabSize: number;
}

export const configs = {
  /** 28 thousand parameters: all overhead. */
  micro: { layers: 2, heads: 2, width: 32, context: 32, batchSize: 8, vocabSize: 65 },
  /** 0.8 million: what trains in minutes. */
  nano: { layers: 4, heads: 4, width: 128, context: 64, batchSize: 12, vocabSize: 65 },
  /** 10.7 million: all matrix products. */
  baby: { layers: 6, heads: 6, width: 384, context: 256, batchSize: 8, vocabSize: 65 },
} satisfies Record<string, Config>;

export type ConfigName = keyof typeof configs;

/** Number of steps that are measured unless the command line says. */
export const defaultSteps: Record<ConfigName, number> = { micro: 1000, nano: 100, baby: 10 };

export function describeConfig(name: ConfigName): string {
  const { layers, heads, width, context, batchSize, vocabSize } = configs[name];
  return `${name}: ${layers} layers, ${heads} heads, width ${width}, context ${context}, batch ${batchSize}, vocabulary ${vocabSize}`;
}
