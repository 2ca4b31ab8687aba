import { join } from 'node:path';
import { GPT } from '../../models/gpt.ts';
import { importHuggingFace, importTokenizer } from '../interop/index.ts';
import { check, randomState } from '../tensor/index.ts';
import { saveCheckpoint } from '../train/index.ts';
import { build } from './build.ts';
import { type ModelConfig, runConfig } from './config.ts';
import { files, makeFolder } from './folder.ts';
import { whileLocked } from './lock.ts';
import { setAside } from './running.ts';

/** The flags of `import`. */
export interface ImportFlags {
  readonly from: string;
  readonly out: string;
}

/** Runs `scratchformer import`: the folder becomes a run at step 0, which the other commands read. */
export async function importRun({ from, out }: ImportFlags): Promise<void> {
  const model = await importHuggingFace(from);
  check(
    model instanceof GPT,
    'import',
    'a run is that of a GPT',
    () => `a ${model.constructor.name}`,
    () => 'in a program, importHuggingFace reads it',
  );
  const tokenizer = await importTokenizer(from);
  const { vocabSize, ...options } = model.options;
  check(
    tokenizer.vocabSize === vocabSize,
    'import',
    'the model has as many rows as the tokenizer has tokens',
    () => `${vocabSize} rows, ${tokenizer.vocabSize} tokens`,
  );
  const { config, optimizer } = build(
    runConfig({ model: options as ModelConfig, tokenizer: from }),
    vocabSize,
  );
  await makeFolder(out);
  await whileLocked(out, async () => {
    await setAside(out);
    await saveCheckpoint(join(out, files.checkpoint), {
      step: 0,
      model: model.stateDict(),
      optimizer: { ...optimizer.stateDict() },
      random: randomState(),
      info: { config, tokenizer: tokenizer.toJSON() },
    });
  });
  const { layers, heads, width, context } = config.model;
  const count = (value: number) => value.toLocaleString('en-US');
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  console.log(`model: ${layers} layers, ${heads} heads, width ${width}, context ${context}`);
  console.log(`${count(parameters)} parameters, ${count(vocabSize)} tokens`);
  console.log(`checkpoint: ${join(out, files.checkpoint)}`);
}
