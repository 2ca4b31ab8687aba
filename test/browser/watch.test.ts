/** The page to watch in a browser: what it shows, live and as a report, and that it runs nothing it should not. */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../../src/cli/watch/report.ts';
import { type Served, serve } from '../../src/cli/watch/server.ts';
import { lackOfChromium, launchChromium } from '../support/chromium.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const lack = lackOfChromium();
if (lack !== null) console.warn(`The tests of the page in a browser are left out: ${lack}.`);

const jsonl = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The metrics of a run up to a step: a loss that falls, an evaluation every ten steps. */
function metricsOf(steps: number, level: number): string {
  return jsonl(
    Array.from({ length: steps }, (_, i) => i + 1).flatMap((step): object[] => {
      const line = { step, loss: level + 3 / step, lr: step / 1000, gradientNorm: 1 + 1 / step };
      return step % 10 === 0
        ? [line, { step, validationLoss: level + 4 / step, validationBitsPerByte: level / 2 + 2 / step }]
        : [line];
    }),
  );
}

const hostile = '<img src=x onerror="document.title=\'hacked\'"><script>document.title="hacked"</script>';
const heads = [0, 1].map((head) => Buffer.from([255, 0, head * 255, 255 - head * 255]).toString('base64'));

function watchOf(steps: number): string {
  const layers = (value: number) => ({ tokens: value, 'blocks.0': 2 * value, norm: value / 9 });
  return jsonl([
    { step: 0, about: { data: 'a text', steps: 100, tokensPerStep: 64, parameters: 1234, entropy: 0.5 } },
    ...Array.from({ length: steps }, (_, i) => ({
      step: i + 1,
      gradientNorm: layers(1 / (i + 1)),
      updateRatio: layers(1e-3),
    })),
    { step: 10, tokensPerSecond: 2000 },
    { step: 10, sample: 'first words' },
    { step: steps, tokensPerSecond: 2400 },
    { step: steps, sample: hostile },
    { step: steps, attention: { tokens: ['<b>', '\n'], layers: [{ name: 'blocks.0.attention', heads }] } },
  ]);
}

describe.skipIf(lack !== null)('the page to watch', () => {
  const folder = suiteFolder();
  const [first, second] = ['first', 'second'].map((name) => join(folder, name)) as [string, string];
  const report = join(folder, 'report.html');
  let browser: Browser;
  let served: Served;
  beforeAll(async () => {
    for (const run of [first, second]) mkdirSync(run);
    browser = await launchChromium();
    served = await serve({ runs: [first, second], port: 0 });
  });
  afterAll(async () => {
    served.close();
    await browser.close();
  });

  interface Look {
    readonly address?: string;
    readonly width?: number;
    readonly colorScheme?: 'light' | 'dark';
  }

  /** Opens the page, which has to be silent on the console and to ask for nothing from elsewhere. */
  async function onPage(body: (page: Page) => Promise<void>, look: Look = {}): Promise<void> {
    const { address = served.address, width = 1200, colorScheme = 'light' } = look;
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith('data:')) heard.push(request.url());
    });
    try {
      await page.goto(address);
      await body(page);
      expect(heard).toEqual([]);
    } finally {
      await page.close();
    }
  }

  const cells = (page: Page, row: number) =>
    page.locator(`#runs tbody tr:nth-child(${row}) > *`).allTextContents();
  const evaluate = <T>(page: Page, program: string) => page.evaluate<T>(program);
  const shades = (page: Page) =>
    evaluate<string[]>(
      page,
      `[...document.querySelectorAll('.probe span')].map((span) => getComputedStyle(span).backgroundColor)`,
    );
  /** The colours of a chart, each with the number of its pixels. */
  const pixels = (page: Page, card: string) =>
    evaluate<Record<string, number>>(
      page,
      `{
        const canvas = document.querySelector('#${card} canvas');
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
        const counts = {};
        for (let i = 0; i < data.length; i += 4) {
          const colour = data.slice(i, i + 3).join();
          if (data[i + 3] === 255) counts[colour] = (counts[colour] ?? 0) + 1;
        }
        counts;
      }`,
    );

  test('waits for metrics, follows them, and starts over when a resumed run has cut them', async () => {
    await onPage(async (page) => {
      await page.getByText('No metrics yet').waitFor();
      writeFileSync(join(first, 'metrics.jsonl'), `${metricsOf(20, 1)}{"step":21,"lo`);
      writeFileSync(join(first, 'watch.jsonl'), watchOf(20));
      writeFileSync(join(second, 'metrics.jsonl'), metricsOf(10, 2)); // a run that was not watched
      await expect.poll(() => cells(page, 1), { timeout: 10_000 }).toEqual(
        ['first', '20 / 100', '1.5397', '1.2000', '1.2000', '0.6000', '0.5000', '2,400', '2 s', '1,234'], // (100 − 20) · 64 tokens
      ); // biome-ignore format: a row
      expect(await cells(page, 2)).toEqual([
        'second',
        '10',
        '2.8787',
        '2.4000',
        '2.4000',
        '1.2000',
        '–',
        '–',
        '–',
        '–',
      ]);
      expect(await page.locator('#empty').isVisible()).toBe(false);
      appendFileSync(join(first, 'metrics.jsonl'), 'ss":1.5,"lr":1,"gradientNorm":1}\n');
      await expect.poll(async () => (await cells(page, 1))[1], { timeout: 10_000 }).toBe('21 / 100');
      writeFileSync(join(first, 'cut'), metricsOf(15, 1));
      renameSync(join(first, 'cut'), join(first, 'metrics.jsonl'));
      await expect.poll(async () => (await cells(page, 1))[1], { timeout: 10_000 }).toBe('15 / 100');
      writeFileSync(join(first, 'cut'), metricsOf(20, 1));
      renameSync(join(first, 'cut'), join(first, 'metrics.jsonl'));
      await expect.poll(async () => (await cells(page, 1))[1], { timeout: 10_000 }).toBe('20 / 100');
    });
  });

  test('samples and tokens are text, whatever is in them', async () => {
    await onPage(async (page) => {
      await page.getByText('first words').waitFor();
      expect(await page.locator('#samples pre').allTextContents()).toEqual([hostile, 'first words']);
      expect(await page.locator('#samples img, #samples script').count()).toBe(0);
      expect(await page.locator('.probe span').allTextContents()).toEqual(['<b>', '↵']);
      expect(await page.title()).toBe('first, second · Scratchformer');
    });
  });

  test('runs are drawn over each other in their colours, and can be hidden', async () => {
    await onPage(async (page) => {
      await page.getByText('first words').waitFor();
      const [blue, orange] = ['47,111,222', '224,102,42'];
      const both = await pixels(page, 'loss');
      expect(both[blue]).toBeGreaterThan(50);
      expect(both[orange]).toBeGreaterThan(50);
      await page.getByRole('checkbox', { name: 'second' }).uncheck();
      const one = await pixels(page, 'loss');
      expect(one[blue]).toBeGreaterThan(50);
      expect(one[orange]).toBeUndefined();
      expect(await page.locator('#layerNorms .legend').textContent()).toBe('tokensblocks.0norm');
    });
  });

  test('the axes change: steps or tokens where they are known, a logarithm, smoothing', async () => {
    await onPage(async (page) => {
      await page.getByText('first words').waitFor();
      const tip = async () => {
        const { width, height } = (await page.locator('#loss .u-over').boundingBox())!;
        await page.locator('#loss .u-over').hover({ position: { x: 1, y: height / 2 } });
        await page.locator('#loss .u-over').hover({ position: { x: width - 2, y: height / 2 } });
        return (await page.locator('#loss .tooltip').innerText()).replace(/\s+/g, ' ');
      };
      expect(await tip()).toMatch(
        /^step 20 first, training [\d.]+ first, validation 1\.2000 best possible 0\.5000$/,
      );
      const tokens = page.getByLabel('x axis').getByRole('option', { name: 'tokens' });
      expect(await tokens.isDisabled()).toBe(true); // the second run does not tell its tokens
      await page.getByRole('checkbox', { name: 'second' }).uncheck();
      await page.getByLabel('x axis').selectOption('tokens');
      expect(await tip()).toMatch(/^tokens 1,280 training/);
      await page.getByLabel('smoothing').fill('0');
      expect(await tip()).toMatch(/training 1\.1500 validation 1\.2000/);
      const before = await pixels(page, 'loss');
      await page.getByLabel('log loss').check();
      expect(await pixels(page, 'loss')).not.toEqual(before);
    });
  });

  test('attention is shaded from the token that is pointed at', async () => {
    await onPage(async (page) => {
      await page.getByText('first words').waitFor();
      const [none, full] = await shades(page); // the second token looks at itself, in head 1
      expect(none).toMatch(/ 0\)$/);
      expect(full).toMatch(/ 0\.75\)$/);
      const map = page.locator('.maps canvas').nth(1);
      await map.hover({ position: { x: 20, y: 150 } }); // its lower half: the second token, in head 2
      expect(await shades(page)).toEqual([full, none]);
      await page.locator('.probe span').first().hover();
      expect(await shades(page)).toEqual([full, none]);
    });
  });

  test('light and dark differ, also in the charts, and a phone has room for all', async () => {
    const seen: Record<string, number>[] = [];
    const backgrounds: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const)
      await onPage(
        async (page) => {
          await page.getByText('first words').waitFor();
          seen.push(await pixels(page, 'loss'));
          backgrounds.push(await evaluate(page, 'getComputedStyle(document.body).backgroundColor'));
          expect(await evaluate(page, 'document.documentElement.scrollWidth')).toBe(390);
          if (colorScheme === 'light') {
            await page.emulateMedia({ colorScheme: 'dark' }); // while it is looked at
            await expect.poll(async () => (await pixels(page, 'loss'))['116,164,255']).toBeGreaterThan(50);
          }
        },
        { width: 390, colorScheme },
      );
    expect(seen[0]!['47,111,222']).toBeGreaterThan(50);
    expect(seen[1]!['116,164,255']).toBeGreaterThan(50);
    expect(backgrounds).toEqual(['rgb(245, 246, 248)', 'rgb(18, 21, 27)']);
  });

  test('a report shows the same without a server', async () => {
    await writeReport(report, [first, second]);
    await onPage(
      async (page) => {
        await page.getByText('first words').waitFor();
        expect(await cells(page, 1)).toEqual(
          ['first', '20 / 100', '1.5397', '1.2000', '1.2000', '0.6000', '0.5000', '2,400', '2 s', '1,234'],
        ); // biome-ignore format: a row
        expect(await page.locator('#samples pre').allTextContents()).toEqual([hostile, 'first words']);
        expect((await pixels(page, 'loss'))['47,111,222']).toBeGreaterThan(50);
        expect(await page.title()).toBe('first, second · Scratchformer');
        expect(await page.locator('#status').textContent()).toBe('A report of what was recorded');
      },
      { address: `file://${report}` },
    );
  });

  test('when the server ends, the page keeps what it has, and says so', async () => {
    const short = await serve({ runs: [first], port: 0 });
    const page = await browser.newPage();
    await page.goto(short.address);
    await page.getByText('first words').waitFor();
    short.close();
    await page.getByText('The server has ended').waitFor();
    expect((await cells(page, 1))[1]).toBe('20 / 100');
    await page.close();
  });
});
