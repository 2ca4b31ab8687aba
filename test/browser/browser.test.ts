/**
 * The package in a browser: bundled as users bundle it, on a page that is cross-origin isolated and on one
 * that is not. What it trains there has the bits that Node gets.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackendOptions } from '../../src/index.ts';
import { buildPackage } from '../support/builtPackage.ts';
import { bundle, scriptsOf } from '../support/bundle.ts';
import { lackOfChromium, launchChromium } from '../support/chromium.ts';
import { blocksOf } from '../support/readme.ts';
import { root } from '../support/root.ts';
import { serve } from '../support/serve.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';
import { type Result, train } from './app/training.ts';

/** The programs of docs/browser.md, and what they print. */
const guide = (() => {
  const blocks = blocksOf(readFileSync(`${root}docs/browser.md`, 'utf8')).filter(({ kind }) =>
    /^js /.test(kind),
  );
  return {
    files: blocks.map(({ kind, code }) => ({ name: kind.slice(3), code })),
    output: blocks.at(-1)!.output!,
  };
})();

const lack = lackOfChromium();
if (lack !== null) console.warn(`The tests in a browser are left out: ${lack}.`);

describe.skipIf(lack !== null)('in a browser', async () => {
  const project = suiteFolder();
  let packageFolder: string;
  let bundled: string;
  let browser: Browser;
  let [isolated, plain] = ['', ''];
  beforeAll(async () => {
    packageFolder = buildPackage();
    cpSync(`${root}test/browser/app`, project, { recursive: true });
    for (const { name, code } of guide.files) writeFileSync(`${project}/${name}`, code);
    writeFileSync(`${project}/guide.html`, '<script type="module" src="./page.js"></script>');
    bundled = await bundle(project, packageFolder);
    isolated = await serve(bundled, { isolated: true });
    plain = await serve(bundled, { isolated: false });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(packageFolder, { recursive: true, force: true });
  });

  /** Opens the page, whose console has to say these things, and nothing else. */
  async function onPage<T>(
    address: string,
    body: (page: Page, heard: readonly string[]) => Promise<T>,
    said: string[] = [],
  ): Promise<T> {
    const page = await browser.newPage();
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    try {
      await page.goto(address);
      const result = await body(page, heard);
      expect(heard).toEqual(said.map((text) => expect.stringContaining(text)));
      return result;
    } finally {
      await page.close();
    }
  }

  const call = <T = unknown>(page: Page, name: string, options?: BackendOptions): Promise<T> =>
    page.evaluate(([name, options]) => Reflect.get(globalThis, name)(options), [name, options] as const);

  test('the bundle imports no module of Node', () => {
    const scripts = scriptsOf(bundled);
    expect(scripts.length).toBeGreaterThan(2);
    for (const [name, text] of scripts)
      expect(text, name).not.toMatch(
        /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`]node:|__vite-browser-external/,
      );
  });

  test('without waiting there is js, and it says why', async () => {
    const { product, name, why, error } = await onPage(plain, (page) =>
      call<Record<string, unknown>>(page, 'unprepared'),
    );
    const cause = 'wasm: its build relaxed has not been fetched (await prepareBackend() first)';
    expect(product).toEqual([3, 6]);
    expect(name).toBe('js');
    expect(why).toBe(`plain JavaScript; ${cause}`);
    expect(error).toBe(`useBackend: the backend wasm can be used. got ${cause}.`);
  });

  test('the page of the documentation prints what it shows', async () => {
    const lines = guide.output.trimEnd().split('\n');
    await onPage(
      `${plain}/guide.html`,
      (_, heard) => expect.poll(() => heard, { timeout: 30_000 }).toEqual(lines),
      lines,
    );
  });

  test('what does not fit in the memory of a plain page is an error that says what would help', async () => {
    expect(await onPage(plain, (page) => call(page, 'tooLarge'))).toBe(
      'kernel memory: everything that is alive fits in 1 GiB, and in what the system gives. got 1 GiB asked for. ' +
        'reduce batch size, context or width, or wrap evaluation in noGrad; a cross-origin isolated page has up to 4 GiB.',
    );
  });

  test('texts are read from addresses, and nothing is written', async () => {
    expect(await onPage(plain, (page) => call(page, 'files'))).toEqual({
      name: 'index.html',
      text: readFileSync(`${bundled}/index.html`, 'utf8'),
      error:
        'writeFileAtomic: there are files. got a browser. keep the bytes, as encodeSafetensors or encodeCheckpoint makes them.',
    });
  });

  test('kernels that cannot be fetched are an error that says from where', async () => {
    await onPage(
      plain,
      async (page) => {
        await page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
        expect(await call(page, 'lost')).toMatch(
          /^prepareBackend: the compiled kernels can be fetched\. got the server answers 404 for http:.*relaxed.*\.wasm\. are they/,
        );
      },
      ['404'],
    );
  });

  test('a model made before its kernels are there works, and one line says that it is slow', async () => {
    const warning = 'useBackend: parameters or optimizer state were made while js was in use.';
    await onPage(plain, async (page) => expect(await call(page, 'late')).toEqual([1, 3]), [warning]);
  });

  /** Node, by the same training, on one thread and on several. */
  const expected = new Map<string, Result>();
  beforeAll(async () => {
    for (const build of ['plain', 'relaxed'] as const) {
      const one = await train({ build, threads: 1 });
      const two = await train({ build, threads: 2 });
      expect({ losses: two.losses, bits: two.bits }).toEqual({ losses: one.losses, bits: one.bits });
      expect(two.shared).toBeGreaterThan(0);
      expected.set(build, one);
    }
  });

  const notIsolated = 'this page is not cross-origin isolated';
  const mainThread = 'the main thread of a page must not wait for others';
  const places = [
    ['a worker of an isolated page', () => isolated, 'trainInWorker', 2, null],
    ['an isolated page itself', () => isolated, 'trainOnPage', 1, mainThread],
    ['a worker of a plain page', () => plain, 'trainInWorker', 1, notIsolated],
    ['a plain page itself', () => plain, 'trainOnPage', 1, notIsolated],
  ] as const;

  describe.each(['plain', 'relaxed'] as const)('%s SIMD gives the bits of Node', (build) => {
    test.each(places)('in %s', { timeout: 60_000 }, async (_, address, name, threads, reason) => {
      const { backend, shared, losses, bits } = await onPage(address(), (page) =>
        call<Result>(page, name, { build, threads: 2 }),
      );
      const why = `${build} SIMD, ${threads === 1 ? '1 thread' : `${threads} threads`}${reason ? ` (${reason})` : ''}`;
      expect(backend).toEqual({ name: 'wasm', threads, why });
      expect(shared > 0, 'work is shared').toBe(threads > 1);
      const node = expected.get(build)!;
      expect(losses.length).toBe(50);
      expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
      expect(losses).toEqual(node.losses);
      expect(bits.length).toBeGreaterThan(10_000);
      expect(bits).toEqual(node.bits);
    });
  });
});
