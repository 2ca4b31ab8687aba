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
for (const file of files.filter((name) => chosen.includes(name.slice(0, 2)))) {
  const name = file.slice(0, -3);
  console.log(`${name}${quick ? ', a smoke run' : ''}`);
  const start = performance.now();
  const { default: experiment } = (await import(`./${file}`)) as { default: Experiment };
  try {
    const { numbers, figure } = await experiment(openLab({ quick }));
    const seconds = (performance.now() - start) / 1000;
    const text = JSON.stringify(
      { ...numbers, seconds },
      (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value),
      1,
    );
    writeFileSync(`${out}${name}.json`, `${text}\n`);
    writeFileSync(`${out}${name}.svg`, figure);
    console.log(`   ${seconds.toFixed(0)} s → ${out}${name}.json and .svg`);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    program.error(error.message);
  }
}

if (!quick) {
  const results: Results = Object.fromEntries(
    readdirSync(out)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file.slice(0, 2), JSON.parse(readFileSync(out + file, 'utf8'))]),
  );
  const page = `${folder}README.md`;
  writeFileSync(page, refreshed(readFileSync(page, 'utf8'), results));
}
