import { join } from 'node:path';
import { GPT } from '../../models/gpt.ts';
import { importHuggingFace, importTokenizer } from '../interop/index.ts';
import { check, randomState } from '../tensor/index.ts';
import { saveCheckpoint } from '../train/index.ts';
import { build } from './build.ts';
import { type ModelConfig, runConfig } from './config.ts';
import { files, makeFolder, setEarlierRunAside } from './folder.ts';

/** The flags of `import`. */
export interface ImportFlags {
  readonly from: string;
  readonly out: string;
}

/** Runs `scratchformer import`: the folder becomes a run at step 0, which the other commands read. */
export async function importRun({ from, out }: ImportFlags): Promise<void> {
  const [model, tokenizer] = [await importHuggingFace(from), await importTokenizer(from)];
  check(
    model instanceof GPT,
    'import',
    'a run is that of a GPT',
    () => model.constructor.name,
    () => 'in a program, importHuggingFace reads it',
  );
  const { vocabSize, ...options } = model.options;
  check(
    tokenizer.vocabSize === vocabSize,
    'import',
    'the model has as many rows as the tokenizer has tokens',
    () => `${vocabSize} rows, ${tokenizer.vocabSize} tokens`,
  );
  const { config, optimizer } = build(runConfig({ model: options as ModelConfig }), vocabSize);
  await makeFolder(out);
  const earlier = await setEarlierRunAside(out);
  if (earlier) console.log(`${out} held an earlier run, which is now in ${earlier}`);
  await saveCheckpoint(join(out, files.checkpoint), {
    step: 0,
    model: model.stateDict(),
    optimizer: { ...optimizer.stateDict() },
    random: randomState(),
    info: { config, tokenizer: tokenizer.toJSON() },
  });
  console.log(model.summary());
  console.log(`\ncheckpoint: ${join(out, files.checkpoint)}`);
}
