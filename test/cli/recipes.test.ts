import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { build } from '../../src/cli/build.ts';
import { type ModelConfig, runConfig, type Settings } from '../../src/cli/config.ts';
import { root } from '../support/root.ts';

const folder = `${root}examples/recipes/`;

/** A recipe: settings, and the tokenizer with the size that the model gets from it. */
type Recipe = Settings & {
  readonly model: ModelConfig;
  readonly tokenizer: string;
  readonly vocabSize: number;
};

test.each(readdirSync(folder))('%s has settings that a run knows, and builds', (name) => {
  const recipe = JSON.parse(readFileSync(folder + name, 'utf8')) as Recipe;
  const { tokenizer, vocabSize, ...settings } = recipe;
  expect(tokenizer).toBe('bpe');
  const { config, model } = build(runConfig(settings), vocabSize);
  expect(config).toMatchObject(settings);
  expect(model.options).toMatchObject(settings.model);
});
