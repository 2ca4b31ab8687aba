import { dirname, join } from 'node:path';
import { huggingFaceFiles, onnxFiles } from '../interop/index.ts';
import { writeFileAtomic } from '../io/index.ts';
import { checkOneOf } from '../nn/checks.ts';
import { loadCheckpoint } from '../train/index.ts';
import { rebuild } from './build.ts';
import { files, makeFolder } from './folder.ts';

/** The flags of `export`. */
export interface ExportFlags {
  readonly checkpoint: string;
  readonly format: 'hf' | 'onnx';
  readonly out: string;
}

/** Runs `scratchformer export`. What the format cannot say is an error before anything is written. */
export async function exportRun({ checkpoint, format, out }: ExportFlags): Promise<void> {
  checkOneOf('export', 'format', format, ['hf', 'onnx']);
  const { run, tokenizer } = await rebuild(await loadCheckpoint(join(checkpoint, files.checkpoint)));
  const made = await { hf: huggingFaceFiles, onnx: onnxFiles }[format](run.model, { tokenizer });
  for (const [name, data] of made) {
    await makeFolder(dirname(join(out, name)));
    await writeFileAtomic(join(out, name), data);
  }
  console.log(`${out}: ${[...made.keys()].join(', ')}`);
}
