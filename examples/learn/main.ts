// The course: twelve lessons, each a text, a file with a blank, and a check that says when it is done.
//
//     npm run learn                        the lessons, and which are done
//     npm run learn -- 03                  lesson 3: its text, your file learn/03-….ts, and what is missing in it
//     npm run learn -- 03 --solution       the check of lesson 3 on the library's own code

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { manualSeed } from 'scratchformer';
import { type Outcome, takeSteps } from './support/check.ts';
import { checkOf, folder, type Lesson, lessons } from './support/lessons.ts';
import { forTerminal } from './support/terminal.ts';

const program = new Command('npm run learn --')
  .argument('[number]', 'which lesson, such as 03; without it, all are listed')
  .option('--solution', "check the library's own code instead of your file")
  .option('--folder <path>', 'where your files are, inside this project', 'learn')
  .parse();
const [number] = program.args;
const { solution = false, folder: own } = program.opts<{ solution?: true; folder: string }>();
const fileOf = ({ name }: Lesson) => `${own}/${name}.ts`;

/** Makes the student's file, where there is none yet; it is never written over. */
function begin(lesson: Lesson): void {
  mkdirSync(own, { recursive: true });
  const to = (file: string) => relative(own, fileURLToPath(new URL(file, folder))).replaceAll('\\', '/');
  const tsconfig = { extends: to('../../tsconfig.json'), include: ['*.ts'] }; // editors find the library by it
  if (!existsSync(`${own}/tsconfig.json`))
    writeFileSync(`${own}/tsconfig.json`, `${JSON.stringify(tsconfig)}\n`);
  if (existsSync(fileOf(lesson))) return;
  const blank = readFileSync(new URL(`blanks/${lesson.name}.ts`, folder), 'utf8');
  writeFileSync(fileOf(lesson), blank.replace("'../support/", `'${to('support')}/`));
}

/** The outcome of a check, with the same random numbers every time. */
async function outcomeOf(lesson: Lesson): Promise<Outcome> {
  const check = await checkOf(lesson);
  manualSeed(1);
  if (solution) return takeSteps(check, check.shipped);
  try {
    return await takeSteps(check, (await import(pathToFileURL(resolve(fileOf(lesson))).href)) as object);
  } catch (error) {
    return { passed: [], failed: { step: 'the file can be loaded', message: (error as Error).message } };
  }
}

function report({ passed, failed }: Outcome): void {
  for (const { step, remark } of passed) console.log(`  ✓ ${step}${remark === null ? '' : ` (${remark})`}`);
  if (failed !== null) console.log(`  ✗ ${failed.step}\n\n    ${failed.message}`);
}

async function list(): Promise<void> {
  let done = 0;
  for (const lesson of lessons) {
    const begun = existsSync(fileOf(lesson));
    const isDone = begun && (await outcomeOf(lesson)).failed === null;
    if (isDone) done++;
    console.log(`${isDone ? '✓' : begun ? '…' : ' '} ${lesson.number}  ${lesson.title}`);
  }
  console.log(`\n${done} of ${lessons.length} done. npm run learn -- 01 begins with the first.`);
}

async function study(lesson: Lesson): Promise<void> {
  if (!solution) {
    begin(lesson);
    console.log(`${forTerminal(lesson.text, 'examples/learn/texts/')}`);
  }
  console.log(solution ? `${lesson.number}, the library's own code:` : `Your file: ${fileOf(lesson)}`);
  const outcome = await outcomeOf(lesson);
  report(outcome);
  const next = lessons[lessons.indexOf(lesson) + 1];
  if (outcome.failed) process.exitCode = 1;
  else console.log(`\nDone.${next ? ` Next: npm run learn -- ${next.number}, ${next.title}` : ''}`);
}

const chosen = lessons.find((lesson) => lesson.number === number?.padStart(2, '0'));
if (number === undefined) await list();
else if (chosen) await study(chosen);
else program.error(`there is no lesson ${number}. There are 01 to ${lessons.at(-1)!.number}.`);
