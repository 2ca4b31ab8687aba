import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

/** The modules of the page: each imports only from those before it. */
export const modules = [
  'words.js',
  'feed.js',
  'run.js',
  'colours.js',
  'tooltip.js',
  'chart.js',
  'curves.js',
  'table.js',
  'samples.js',
  'attention.js',
  'main.js',
];

/** The files of the page by their names in it; nothing else is ever sent but the data of runs. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const own = (name: string, type: string): [string, Asset] => [name, { type, text: read(pageFile(name)) }];
  const ofLibrary = (name: string, file: string, type: string): [string, Asset] => [
    name,
    { type, text: read(require.resolve(`uplot/${file}`)) },
  ];
  return new Map([
    own('index.html', 'text/html'),
    own('watch.css', 'text/css'),
    ...modules.map((name) => own(name, 'text/javascript')),
    ofLibrary('uPlot.js', 'dist/uPlot.iife.min.js', 'text/javascript'),
    ofLibrary('uPlot.css', 'dist/uPlot.min.css', 'text/css'),
  ]);
}

/** The licence of the chart library, which goes wherever its code goes. */
export function libraryLicense(): string {
  return read(require.resolve('uplot/LICENSE'));
}

const require = createRequire(import.meta.url);
const read = (path: string) => readFileSync(path, 'utf8');

/** The page stands beside this file; the built package has it where the source had it. */
function pageFile(name: string): string {
  const beside = new URL(`page/${name}`, import.meta.url);
  const ofSource = new URL(`../../../../src/cli/watch/page/${name}`, import.meta.url);
  return fileURLToPath(existsSync(beside) ? beside : ofSource);
}
