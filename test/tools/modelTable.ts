/**
 * The table of models in the README, made from what the examples promise to print:
 *
 *     npm run -s table
 *
 * An example with a score prints a line `model: …`, read off the model itself, and lines `score: …`; a test
 * runs it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { root } from '../support/root.ts';

const examples = readdirSync(`${root}examples`).filter((name) => /^\d\d-.*\.ts$/.test(name));
const models = readdirSync(`${root}models`).filter((name) => name !== 'index.ts');
const read = (path: string) => readFileSync(root + path, 'utf8');

/** The file in which a class is defined. */
function fileOf(model: string): string {
  return `models/${models.find((file) => read(`models/${file}`).includes(`export class ${model} `))}`;
}

function rowsOf(file: string): string[] {
  const [, printed = ''] = /\/\* prints\n([\s\S]*)\*\/\n$/.exec(read(`examples/${file}`)) ?? [];
  const [, model, activation, norm] =
    /^model: (\w+) with .*; activation (.*); norm (.*)$/m.exec(printed) ?? [];
  if (model === undefined) return [];
  const scores = [...printed.matchAll(/^score: \S+ (\w+)=(\S+) target=\S+ chance=(\S+) best=(\S+)/gm)];
  const shown = scores.map(
    ([, metric, value, chance, best]) => `${words(metric!)} **${value}** (${chance} … ${best})`,
  );
  const path = fileOf(model);
  const example = `[\`${file.slice(3, -3)}\`](examples/${file})`;
  return [
    `| ${model} | [\`${path}\`](${path}) | ${activation} | ${norm} | ${example} | ${shown.join(', ')} | ${picturesOf(file)} |`,
  ];
}

/**
 * The pictures of an example: those whose names begin with its own, translation → translation-attention.svg.
 */
function picturesOf(file: string): string {
  const pictures = readdirSync(`${root}examples`).filter((name) => name.startsWith(`${file.slice(3, -3)}-`));
  return pictures.map((name) => `[${name.slice(file.length - 5, -4)}](examples/${name})`).join(', ');
}

/** nextSentence → next sentence */
const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function modelTable(): string {
  const head =
    '| model | file | activation | norm | example | score (chance … best) | picture |\n|---|---|---|---|---|---|---|';
  return [head, ...examples.flatMap(rowsOf)].join('\n');
}

/** What stands in the README now. */
export const tableInReadme = /^\| model \| file .*\n(?:\|.*\n)*/m;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}README.md`, read('README.md').replace(tableInReadme, `${modelTable()}\n`));
}
