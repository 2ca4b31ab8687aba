/**
 * The playground, built as it is shipped and driven in a browser: it has Node's bits, shows the library's
 * gradients, and says nothing to the console.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lessons } from '../../examples/learn/support/lessons.ts';
import { linkOf } from '../../examples/playground/engine/link.ts';
import type { PicturedTensor } from '../../examples/playground/engine/picture.ts';
import { initialRun, type Run } from '../../examples/playground/engine/run.ts';
import { Session } from '../../examples/playground/engine/session.ts';
import { takePicture } from '../../examples/playground/engine/takePicture.ts';
import { crossEntropy, randomStream, tensor, useBackend } from '../../src/index.ts';
import { fill, fillings } from '../learn/fillings.ts';
import { lackOfChromium, launchChromium } from '../support/chromium.ts';
import { root } from '../support/root.ts';
import { serve } from '../support/serve.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const lack = lackOfChromium();
if (lack !== null) console.warn(`The tests of the playground in a browser are left out: ${lack}.`);

/** The loss below which the usual run is after so many steps, as its README says. */
const [ENOUGH, WITHIN] = [0.4, 200];

describe.skipIf(lack !== null)('the playground', async () => {
  const folder = suiteFolder();
  let browser: Browser;
  let [isolated, plain] = ['', ''];
  beforeAll(async () => {
    useBackend('wasm', { build: 'relaxed' }); // what the browser will take
    await build({ root: `${root}examples/playground`, logLevel: 'error', build: { outDir: folder } });
    isolated = await serve(folder, { isolated: true });
    plain = await serve(folder, { isolated: false });
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  /** Opens the page, which must say nothing to the console. */
  async function onPage<T>(address: string, body: (page: Page) => Promise<T>): Promise<T> {
    const page = await browser.newPage();
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    try {
      await page.goto(address);
      const result = await body(page);
      expect(heard).toEqual([]);
      return result;
    } finally {
      await page.close();
    }
  }

  /** Plays until so many steps are done; all losses so far. */
  async function played(page: Page, steps: number): Promise<number[]> {
    await page.click('#play:enabled');
    await page.waitForFunction(`Number(document.documentElement.dataset.step) >= ${steps}`);
    await page.click('#play');
    await page.waitForSelector('#play:has-text("Play")');
    return page.locator('#loss').evaluate((loss) => [...(loss as unknown as { losses: number[] }).losses]);
  }

  async function inNode(run: Run, steps: number): Promise<number[]> {
    const losses: number[] = [];
    await new Session(run, ({ loss }) => losses.push(loss)).advance(steps);
    return losses;
  }

  const footer = (page: Page) => page.textContent('#about');

  test('what a page loads before the engine has at most 500 kB', () => {
    const first = [
      ...readFileSync(join(folder, 'index.html'), 'utf8').matchAll(/(?:src|href)="\.\/([^"]+)"/g),
    ];
    const size = first.reduce((sum, [, file]) => sum + statSync(join(folder, file!)).size, 0);
    expect(size).toBeGreaterThan(50_000);
    expect(size).toBeLessThan(500_000);
    expect(readdirSync(join(folder, 'assets')).some((name) => name.endsWith('.wasm'))).toBe(true);
  });

  test(`the usual run has a loss below ${ENOUGH} after ${WITHIN} steps, and in 50 steps Node's bits`, async () => {
    await onPage(isolated, async (page) => {
      const losses = await played(page, WITHIN);
      expect(losses.slice(0, 50)).toEqual(await inNode(initialRun, 50));
      const last = losses.slice(WITHIN - 10, WITHIN);
      expect(last.reduce((sum, loss) => sum + loss) / last.length).toBeLessThan(ENOUGH);
      expect(await footer(page)).toContain('wasm, relaxed SIMD');
      expect(await footer(page)).not.toContain('isolated');
      expect(await page.locator('#samples .verdict').count()).toBeGreaterThan(10);
    });
  });

  test.each([
    { activation: 'swiglu', optimizer: 'muon' },
    { activation: 'geglu', normPosition: 'post' },
  ] as const)('50 steps with %o have Node’s bits', async (given) => {
    const run: Run = { ...initialRun, layers: 1, ...given };
    await onPage(plain + linkOf(run), async (page) => {
      expect(await page.inputValue('select[name=activation]')).toBe(given.activation);
      expect((await played(page, 50)).slice(0, 50)).toEqual(await inNode(run, 50));
    });
  });

  test('without isolation it runs on one thread, and says so', async () => {
    await onPage(plain, async (page) => {
      const losses = await played(page, 10);
      expect(losses.slice(0, 10)).toEqual(await inNode(initialRun, 10));
      expect(await footer(page)).toContain('1 thread (this page is not cross-origin isolated)');
    });
  });

  test('after one step every gradient shown is the library’s', async () => {
    await onPage(plain, async (page) => {
      await page.click('#tab-look');
      await page.click('#step:enabled');
      await page.waitForSelector('[data-step="1"]');
      const session = new Session(initialRun);
      await session.advance(1);
      const { model, task } = session;
      const batch = task.nextBatch(1, randomStream('example'));
      const { tensors } = takePicture(model, batch, task.vocabulary);
      await expect
        .poll(() => shownIn(page).then((shown) => shown.map(({ values }) => values[0])))
        .toContain(tensors.find(({ name }) => name === 'blocks.0.norm1.gain')!.values[0]);
      model.zeroGrad(); // that of the step
      model.loss(batch.inputs, batch.targets).backward();
      const gradients = new Map(model.namedParameters().map(([name, { grad }]) => [name, [...grad!.data]]));
      const shown = await shownIn(page);
      expect(new Set(shown.map(({ id }) => id)).size).toBe(
        tensors.filter(({ kind }) => kind !== 'data').length,
      );
      for (const { id, name, kind, values, gradient } of shown) {
        expect(values, name).toEqual([...tensors[id]!.values]);
        expect(gradient, name).toEqual(
          kind === 'parameter' ? gradients.get(name) : [...tensors[id]!.gradient!],
        );
      }
    });
  });

  test('a number can be chosen by keys, explained, turned to its gradient, and edited', async () => {
    await onPage(plain, async (page) => {
      await page.focus('#tab-train');
      await page.keyboard.press('ArrowRight');
      const map = page.locator('.map[aria-label^="blocks.0.attention.query.weight"]');
      await map.focus();
      await page.keyboard.press('ArrowRight');
      await page.waitForSelector('aside h2:has-text("blocks.0.attention.query.weight [0, 1]")');
      await page.click('text=Backward: gradients');
      await page.waitForSelector('aside .formula:has-text("dw[j,k] = Σₜ dy[t,j]·x[t,k]")');
      await page.fill('aside input', '0.5');
      await page.click('text=Set this weight');
      await page.waitForSelector('aside .note:has-text("The loss moved by")');
      expect(await page.inputValue('aside input')).toBe('0.5');
      await page.locator('.call:has-text("attention.query") .source').first().click();
      await page.waitForSelector('.call .source pre:has-text("y = x·Wᵀ + b")');
    });
  });

  test('a link is a run: reloaded, it has the same settings and the same losses', async () => {
    await onPage(plain, async (page) => {
      await page.selectOption('select[name=task]', 'copy');
      await page.selectOption('select[name=layers]', '1');
      expect(new URL(page.url()).hash).toBe('#task=copy&layers=1');
      const losses = await played(page, 10);
      await page.reload();
      expect(await page.inputValue('select[name=task]')).toBe('copy');
      const again = await played(page, 10);
      expect(again.slice(0, 10)).toEqual(losses.slice(0, 10));
      expect(again.slice(0, 10)).toEqual(await inNode({ ...initialRun, task: 'copy', layers: 1 }, 10));
    });
  });

  test('a link that is no run says why, and the usual run is there', async () => {
    await onPage(`${plain}/#layers=99`, async (page) => {
      await page.waitForSelector('#trouble:has-text("layers: it is one of")');
      await page.waitForSelector('#play:enabled');
    });
  });

  test('the bench draws curves and trains a net with each', async () => {
    await onPage(plain, async (page) => {
      await page.click('#tab-bench');
      await page.click('.chips button:text-is("tanh")');
      await page.click('text=Train a small net');
      await page.waitForSelector('text=Train again');
      expect(
        await page.locator('#bench [role=img]').evaluateAll((all) => all.map((one) => one.ariaLabel)),
      ).toEqual([
        'Curves of activations: gelu, relu, silu, tanh',
        'Slopes of activations: gelu, relu, silu, tanh',
        'Gates of several widths: one draw of the stochastic gate, σ = 0: ReLU, σ = 1: GELU, its mean, σ = 0.5',
        'log₁₀ of the losses, over the steps: gelu, relu, silu, tanh',
        'What each net has learnt: to be learnt, gelu, relu, silu, tanh',
      ]);
    });
  });

  test('a lesson fails on its blank, is done when that is filled in, and is kept', async () => {
    await onPage(`${plain}/#lesson=01`, async (page) => {
      const { name } = lessons[0]!;
      const right = fillings['01']!.right;
      await page.click('.task button:has-text("Check")');
      await page.waitForSelector('.wrong:has-text("fill me in: the slope of f at x")');
      await answer(page, fill(name, right.with(1, 'return [dy.nothing.x]')));
      await page.waitForSelector(`.wrong:has-text("TypeError: "):has-text("learn/${name}.ts:16")`);
      await answer(page, 'export function slope( {');
      await page.waitForSelector('.wrong:has-text("the file can be loaded")');
      await answer(page, "import { grad } from 'scratchformer/autogard';\ngrad();");
      await page.waitForSelector('.wrong:has-text("did you mean \\"scratchformer/autograd\\"?")');
      await answer(page, 'for (;;);');
      await page.click('.task button:has-text("Stop")');
      await answer(page, fill(name, right));
      await page.waitForSelector('.outcome:has-text("Done.")');
      await page.reload();
      expect(await page.inputValue('.task textarea')).toBe(fill(name, right));
      expect(await page.locator('#course nav .done').count()).toBe(1);
      await page.click('article .link >> text=gradcheck.ts');
      await page.waitForSelector('article .opened:has-text("src/autograd/gradcheck.ts")');
      await page.click('.task >> text=Start over');
      expect(await page.inputValue('.task textarea')).toContain("blank('the slope of f at x");
    });
  });

  test('figures are live: the loss of a lesson follows its scores', async () => {
    await onPage(`${plain}/#lesson=04`, async (page) => {
      const lossOf = (...scores: number[]) => {
        const logits = tensor([scores], { dtype: 'float64' });
        return crossEntropy(logits, tensor([1], { dtype: 'int32' }))
          .item()
          .toFixed(3);
      };
      await page.waitForSelector(`.live:has-text("the loss is ${lossOf(2, 1, 0, -1)}")`);
      await page.locator('.live input').first().press('ArrowRight');
      await page.waitForSelector(`.live:has-text("the loss is ${lossOf(2.1, 1, 0, -1)}")`);
    });
  });

  test('every lesson is done with the right answer', async () => {
    await onPage(isolated, async (page) => {
      await page.click('#tab-course');
      for (const { number, name } of lessons) {
        await page.click(`#course nav a:has-text("${number}")`);
        await page.waitForSelector(`.task h2:has-text("${name}")`);
        await page.waitForSelector('.live :first-child');
        await answer(page, fill(name, fillings[number]!.right));
        await page.waitForSelector('.outcome .steps');
        expect(await page.innerText('.outcome'), name).toContain('Done.');
      }
      expect(await page.locator('#course nav .done').count()).toBe(12);
      expect(new URL(page.url()).hash).toBe('#lesson=12');
      await page.click('#tab-train');
      expect(new URL(page.url()).hash).toBe('');
      await page.waitForSelector('#play:enabled');
    });
  });
});

type Shown = Pick<PicturedTensor, 'id' | 'name' | 'kind'> & { values: number[]; gradient: number[] };

/** Writes a file and has it checked. */
async function answer(page: Page, text: string): Promise<void> {
  await page.fill('.task textarea', text);
  await page.click('.task button:has-text("Check")');
}

/** Every tensor that the page shows. */
const shownIn = (page: Page): Promise<Shown[]> =>
  page.locator('.map').evaluateAll((maps) =>
    maps.map((map) => {
      const { id, name, kind, values, gradient } = (map as unknown as { tensor: PicturedTensor }).tensor;
      return { id, name, kind, values: [...values], gradient: [...gradient!] };
    }),
  );
