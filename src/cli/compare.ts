import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../tensor/index.ts';
import { type Checkpoint, loadCheckpoint } from '../train/index.ts';
import { type RunConfig, savedConfig } from './config.ts';
import { files } from './folder.ts';
import { visible } from './visible.ts';

/** What is said of a run: one cell of text for each title. */
type Row = Record<string, string>;

/** Runs `scratchformer compare`: a table of runs, then the settings that are not the same in all of them. */
export async function compare(folders: readonly string[]): Promise<void> {
  const runs = await Promise.all(folders.map(readRun));
  console.log(visible(table(runs.map(({ row }) => row))));
  const settings = runs.map(({ config: { model, ...others } }) => ({ ...others, ...model }));
  const names = [...new Set(settings.flatMap(Object.keys))] as (keyof (typeof settings)[number])[];
  const differing = names.filter((name) => new Set(settings.map((one) => `${one[name]}`)).size > 1);
  if (differing.length === 0) return;
  const cells = (i: number): Row => Object.fromEntries(differing.map((name) => [name, `${settings[i]![name] ?? '–'}`])); // biome-ignore format: one line
  const rows = folders.map((run, i) => ({ run, ...cells(i) }));
  console.log(visible(`\nsettings that differ\n${table(rows)}`));
}

async function readRun(folder: string): Promise<{ row: Row; config: RunConfig }> {
  const checkpoint = await loadCheckpoint(join(folder, files.checkpoint));
  const { config: saved } = checkpoint.info as { config?: RunConfig };
  check(saved !== undefined, `compare ${folder}`, 'a run has the weights of a model', () => 'adapters alone');
  const config = savedConfig(saved);
  const evaluations = await readEvaluations(folder);
  const nats = evaluations.map(({ validationLoss }) => validationLoss);
  const bits = evaluations.flatMap(({ validationBitsPerByte }) => validationBitsPerByte ?? []);
  const row = {
    run: folder,
    ...sizes(checkpoint, config),
    ...losses('loss', nats),
    ...losses('bits/byte', bits),
  };
  return { row, config };
}

function sizes(
  { step, model }: Checkpoint,
  { steps, batchSize, accumulate, model: { context } }: RunConfig,
): Row {
  const parameters = [...model.values()].reduce((sum, { size }) => sum + size, 0);
  return {
    steps: step === steps ? count(step) : `${count(step)} of ${count(steps)}`,
    parameters: count(parameters),
    'tokens seen': count(step * accumulate * batchSize * context),
  };
}

function losses(name: string, values: readonly number[]): Row {
  const last = values.at(-1);
  if (last === undefined) return {};
  return { [`last ${name}`]: last.toFixed(4), [`best ${name}`]: Math.min(...values).toFixed(4) };
}

/** A line of the metrics about an evaluation. */
interface Evaluation {
  readonly validationLoss: number;
  readonly validationBitsPerByte?: number;
}

/** The evaluations in the metrics of a run; a last line may be cut short while it is being written. */
async function readEvaluations(folder: string): Promise<Evaluation[]> {
  const path = join(folder, files.metrics);
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"validationLoss"'));
  return lines.flatMap((line) => {
    try {
      const values = JSON.parse(line) as Evaluation;
      return typeof values.validationLoss === 'number' ? [values] : [];
    } catch {
      return [];
    }
  });
}

/** Rows under the titles that any of them has; numbers stand at the right, the first column at the left. */
function table(rows: readonly Row[]): string {
  const titles = [...new Set(rows.flatMap(Object.keys))];
  const lines = [titles, ...rows.map((row) => titles.map((title) => row[title] ?? '–'))];
  const widths = titles.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const cell = (text: string, i: number) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!));
  return lines.map((line) => line.map(cell).join('  ')).join('\n');
}

const count = (value: number) => value.toLocaleString('en-US');
