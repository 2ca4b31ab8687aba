import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../../io/index.ts';
import { check } from '../../tensor/index.ts';
import { files } from '../folder.ts';
import { libraryLicense, modules, readAssets } from './assets.ts';
import { named } from './server.ts';
import { thinned } from './thin.ts';

/** Checks that a report can be written, before there is anything to report. */
export function checkReport(file: string): void {
  const folder = dirname(resolve(file));
  check(
    existsSync(folder),
    'report',
    'its folder is there',
    () => folder,
    () => 'make it, or choose another --report',
  );
}

/** Writes the page with everything in it into one HTML file, which needs no server and no network. */
export async function writeReport(file: string, runs: readonly string[]): Promise<void> {
  await writeFileAtomic(file, reportOf(runs));
}

/** The text of that file. */
export function reportOf(runs: readonly string[]): string {
  const names = named(runs);
  const data = runs.map((run, i) => ({
    name: names[i],
    metrics: thinned(linesOf(join(run, files.metrics))),
    watch: thinned(linesOf(join(run, files.watch))),
  }));
  check(
    data.some(({ metrics }) => metrics.length > 0),
    'report',
    'a run has metrics',
    () => 'none yet',
    () => 'train first, then write the report',
  );
  const assets = readAssets();
  const text = (name: string) => assets.get(name)!.text;
  const styles = [text('uPlot.css'), text('watch.css')];
  const scripts = [`/*\n${libraryLicense()}\n*/\n${text('uPlot.js')}`, joined(modules.map(text))];
  const policy = `default-src 'none'; script-src ${scripts.map(hash).join(' ')}; style-src ${styles.map(hash).join(' ')}; img-src data:`;
  const parts = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    ...styles.map((style) => `<style>${style}</style>`),
    `<script type="application/json" id="data">${asJSON(data)}</script>`,
    `<script>${scripts[0]}</script>`,
    `<script type="module">${scripts[1]}</script>`,
  ];
  return text('index.html').replace(/<link rel="stylesheet"[\s\S]*<\/script>/, () => parts.join('\n'));
}

/** JSON that no text in it can end: a browser looks for `</script` before it reads JSON. */
const asJSON = (data: unknown) => JSON.stringify(data).replaceAll('<', '\\u003c');

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Modules as one, in which imports and exports have nothing left to do. */
function joined(texts: readonly string[]): string {
  return texts.map((text) => text.replace(/^import [^;]*;\n/gm, '').replace(/^export /gm, '')).join('\n');
}

/** The lines of a file that are whole, as values. */
function linesOf(path: string): unknown[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return []; // torn by a crash, or empty
      }
    });
}
