import type { Module } from '../nn/index.ts';
import type { Config } from './config.ts';
import type { Row } from './table.ts';

/** A family of models that are written and read in another project's layout: one file for each. */
export interface Family<Model extends Module> {
  /** Its `model_type` in config.json. */
  readonly type: string;
  /** The class that opens it there. */
  readonly architecture: string;
  /** Whether a model is of this family. */
  owns(model: Module): model is Model;
  /** The config.json of a model. Errors: something that the format cannot say. */
  write(model: Model, where: string): Record<string, unknown>;
  /**
   * Tensors that say how large the model is, of the last block among them: their shapes in the file are
   * checked before a model is built.
   */
  largest(config: Config): readonly (readonly [name: string, shape: readonly number[]])[];
  /** A model with this config, whose numbers are still its own. Errors: something that is not read here. */
  read(config: Config): Model;
  /** The table, read in both directions. */
  rows(model: Model): readonly Row[];
  /** Number of blocks. */
  layers(model: Model): number;
  /** Other spellings of names, in older files or without a prefix, to those of the table. */
  readonly spellings: readonly (readonly [pattern: RegExp, replacement: string])[];
  /** What may lie in a file beside the parameters. */
  readonly ignored: RegExp;
  /** Names that share the numbers of others: they may be there once more. */
  copies(model: Model): readonly (readonly [copy: string, original: string])[];
}
