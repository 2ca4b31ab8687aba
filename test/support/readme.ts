/**
 * The code blocks of a Markdown page and what is promised about them; test/readme.test.ts holds the README to
 * it.
 */
import { existsSync, readdirSync } from 'node:fs';

export interface Block {
  /** The words after the opening fence: `ts`, `ts no-run`, `sh`. */
  readonly kind: string;
  readonly code: string;
  /** The line of the page on which the code begins, counted from 1. */
  readonly line: number;
  /** The ```text block that follows directly: what the code prints. */
  readonly output: string | null;
}

export function blocksOf(markdown: string): Block[] {
  const fenced = /^```(\S.*)\n([\s\S]*?)^```$\n?(?:\n*^```text\n([\s\S]*?)^```$)?/gm;
  return [...markdown.matchAll(fenced)].map(({ 1: kind, 2: code, 3: output, index }) => ({
    kind: kind!.trim(),
    code: code!,
    line: markdown.slice(0, index).split('\n').length + 1,
    output: output ?? null,
  }));
}

/** The commands of a ```sh block, one for each `&&`, without comments. */
export function commandsOf(code: string): string[] {
  const lines = code.replaceAll('\\\n', ' ').split('\n');
  return lines
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split('&&'))
    .map((command) => command.trim())
    .filter(Boolean);
}

export interface Known {
  /** The scripts of package.json. */
  readonly scripts: Readonly<Record<string, string>>;
  /** What `scratchformer [command] --help` prints. */
  help(command: string): string;
}

/** What is wrong with a command, or null: are there its script, its file, its subcommand and its options? */
export function commandProblem(command: string, known: Known): string | null {
  const [program, ...words] = command.split(/\s+/);
  if (program === 'git' || program === 'cd' || program === 'printf') return null;
  if (program === 'npm') return npmProblem(words, known);
  if (program === 'npx' && words[0] === 'scratchformer') return scratchformerProblem(words.slice(1), known);
  const started = words.findIndex((word) => word.endsWith('.bin/scratchformer'));
  if (program === 'mpirun' && started >= 0) return scratchformerProblem(words.slice(started + 1), known);
  return `no command of this project: ${command}`;
}

function npmProblem([verb = '', ...words]: readonly string[], known: Known): string | null {
  if (verb === 'install' || verb === 'ci') return null;
  const name = verb === 'run' ? words.find((word) => !word.startsWith('-')) : verb;
  const script = known.scripts[name ?? ''];
  if (script === undefined) return `package.json has no script ${name}`;
  const missing = words.find((word) => word.endsWith('.ts') && !existsSync(word));
  if (missing) return `there is no file ${missing}`;
  if (name === 'example') return exampleProblem(words.slice(words.indexOf('--') + 1));
  const subcommand = /src\/cli\/scratchformer\.js (\w+)/.exec(script)?.[1];
  const end = words.indexOf('--');
  return subcommand && end >= 0 ? scratchformerProblem([subcommand, ...words.slice(end + 1)], known) : null;
}

function exampleProblem(words: readonly string[]): string | null {
  const option = words.find(
    (word) => word.startsWith('--') && !['--list', '--quick', '--seed'].includes(word),
  );
  if (option) return `npm run example has no option ${option}`;
  const names = readdirSync('examples').map((file) => /^\d\d-(.*)\.ts$/.exec(file)?.[1]);
  const [name = ''] = words;
  return name === '--list' || names.includes(name) ? null : `there is no example ${name}`;
}

function scratchformerProblem(words: readonly string[], known: Known): string | null {
  const command = /^\w/.test(words[0] ?? '') ? words[0]! : '';
  if (!new RegExp(`^\\s*${command}\\b`, 'm').test(known.help('')))
    return `scratchformer has no command ${command}`;
  const options = words
    .map((word) => /^--?[a-zA-Z][\w-]*/.exec(word)?.[0])
    .filter((word) => word !== undefined);
  const unknown = options.find(
    (option) => !new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(known.help(command)),
  );
  return unknown ? `scratchformer ${command} has no option ${unknown}` : null;
}
