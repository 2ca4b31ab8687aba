// The lab: what is claimed about activations and weight decay, measured on your machine.
//
//     npm run lab                    all experiments; README.md is the notebook, results/ has numbers and figures
//     npm run lab -- 07              one
//     npm run lab -- 07 --quick      a smoke run of seconds, which goes to runs/lab and proves nothing

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { InvariantError } from 'scratchformer';
import { type Experiment, openLab } from './support/experiment.ts';
import { type Results, refreshed } from './support/notebook.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));
const files = readdirSync(folder).filter((file) => /^\d\d-.*\.ts$/.test(file));

const program = new Command('npm run lab --')
  .argument('[numbers...]', 'which experiments, such as 07; default: all')
  .option('--quick', 'smoke runs of seconds')
  .parse();
const { quick = false } = program.opts<{ quick?: true }>();
for (const number of program.args)
  if (!files.some((file) => file.startsWith(`${number}-`)))
    program.error(`there is no experiment ${number}. There are 01 to ${files.at(-1)!.slice(0, 2)}.`);
const chosen = program.args.length > 0 ? program.args : files.map((file) => file.slice(0, 2));

const out = quick ? 'runs/lab/' : `${folder}results/`;
mkdirSync(out, { recursive: true });

async function run(name: string): Promise<void> {
  console.log(`${name}${quick ? ', a smoke run' : ''}`);
  const start = performance.now();
  const { default: experiment } = (await import(`./${name}.ts`)) as { default: Experiment };
  const { numbers, figure } = await experiment(openLab({ quick }));
  const seconds = (performance.now() - start) / 1000;
  const short = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value;
  writeFileSync(`${out}${name}.json`, `${JSON.stringify({ ...numbers, seconds }, short, 1)}\n`);
  writeFileSync(`${out}${name}.svg`, figure);
  console.log(`   ${seconds.toFixed(0)} s → ${out}${name}.json and .svg`);
}

function refreshNotebook(): void {
  const found = readdirSync(out).filter((file) => file.endsWith('.json'));
  const results: Results = Object.fromEntries(
    found.map((file) => [file.slice(0, 2), JSON.parse(readFileSync(out + file, 'utf8'))]),
  );
  const page = `${folder}README.md`;
  writeFileSync(page, refreshed(readFileSync(page, 'utf8'), results));
}

try {
  for (const file of files.filter((name) => chosen.includes(name.slice(0, 2)))) await run(file.slice(0, -3));
  if (!quick) refreshNotebook();
} catch (error) {
  if (!(error instanceof InvariantError)) throw error;
  program.error(error.message);
}
