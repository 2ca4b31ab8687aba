import { dirname, join } from 'node:path';
import { huggingFaceFiles, onnxFiles } from '../interop/index.ts';
import { writeFileAtomic } from '../io/index.ts';
import { checkOneOf } from '../nn/checks.ts';
import { rebuildForUse } from './build.ts';
import { makeFolder } from './folder.ts';
import { loadRun } from './loadRun.ts';

/** The flags of `export`. */
export interface ExportFlags {
  readonly checkpoint: string;
  readonly last?: boolean;
  readonly tokenizer?: string;
  readonly format: 'hf' | 'onnx';
  readonly out: string;
}

/** Runs `scratchformer export`. What the format cannot say is an error before anything is written. */
export async function exportRun(flags: ExportFlags): Promise<void> {
  const { checkpoint, last, tokenizer: path, format, out } = flags;
  checkOneOf('export', 'format', format, ['hf', 'onnx']);
  const { run, tokenizer } = await rebuildForUse(await loadRun(checkpoint, last), path);
  const made = await { hf: huggingFaceFiles, onnx: onnxFiles }[format](run.model, { tokenizer });
  for (const [name, data] of made) {
    await makeFolder(dirname(join(out, name)));
    await writeFileAtomic(join(out, name), data);
  }
  console.log(`${out}: ${[...made.keys()].join(', ')}`);
}
