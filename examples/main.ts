// Run an example by its name.
//
//     npm run example -- --list                    all of them, one line each
//     npm run example -- adder                     one, to its score
//     npm run example -- adder --quick --seed 2    a smoke run; other random numbers
//     npm run example -- first.ts                  a program of your own

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { InvariantError } from 'scratchformer';
import { suggest } from 'scratchformer/tensor';

interface Example {
  readonly name: string;
  readonly file: string;
  readonly about: string;
}

const folder = new URL('./', import.meta.url);

/** Every numbered file here; the first line says what it is about. */
const examples: Example[] = readdirSync(folder)
  .filter((file) => /^\d\d-.*\.ts$/.test(file))
  .map((file) => {
    const [first] = readFileSync(new URL(file, folder), 'utf8').split('\n');
    return { file, name: file.slice(3, -3), about: first!.replace(/^\/\/ /, '') };
  });

const program = new Command('npm run example --')
  .argument('[name]', 'which one, as the list has it, or the path of a program of your own')
  .argument('[words...]', 'what the example takes besides')
  .option('--list', 'list all examples')
  .option('--quick', 'a smoke run of a few seconds')
  .option('--seed <n>', 'of the random numbers, in examples that train')
  .parse();

const { list, quick, seed } = program.opts<{ list?: true; quick?: true; seed?: string }>();
const [name, ...words] = program.args;

if (list || name === undefined) {
  const width = Math.max(...examples.map((example) => example.name.length));
  for (const example of examples) console.log(`${example.name.padEnd(width)}  ${example.about}`);
} else {
  const found = examples.find((example) => example.name === name);
  const own = name.endsWith('.ts') && existsSync(name);
  if (!found && !own)
    program.error(
      `there is no example "${name}". ${suggest(
        name,
        examples.map((example) => example.name),
      )}`,
    );
  if (seed !== undefined && !/^-?\d+$/.test(seed)) program.error(`the seed is a whole number. got ${seed}`);
  process.argv.splice(
    2,
    Number.POSITIVE_INFINITY,
    ...words,
    ...(quick ? ['--quick'] : []),
    ...(seed === undefined ? [] : [`--seed=${seed}`]),
  );
  try {
    await import(found ? new URL(found.file, folder).href : pathToFileURL(name).href);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    program.error(error.message);
  }
}
