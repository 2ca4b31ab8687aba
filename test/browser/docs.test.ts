/** The site that `npm run docs` builds, opened from its files, as readers do without a network. */
import { existsSync, readdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lackOfChromium, launchChromium } from '../support/chromium.ts';
import { root } from '../support/root.ts';
import { withFormulas } from '../tools/typedocPages.js';

const site = `${root}site/`;

test('formulas that a comment sets in become blocks', () => {
  const formula = 'Product.\n\n  y = a_i ⊙ b_i\n    dy = 1\n\nShapes: y as a.';
  const block = 'Product.\n\n```text\ny = a_i ⊙ b_i\n  dy = 1\n```\n\nShapes: y as a.';
  expect(withFormulas(formula)).toBe(block);
  expect(withFormulas('  y = x')).toBe('```text\ny = x\n```\n\n');
  expect(withFormulas('Words,\n  and more.\n\nWords.')).toBe('Words,\n  and more.\n\nWords.');
});

describe.skipIf(!existsSync(`${site}index.html`) || lackOfChromium())('the site that was built', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage();
    await page.context().setOffline(true);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(request.url()));
  });
  afterAll(() => browser.close());

  const open = (path: string) => page.goto(`file://${site}${path}`);

  test('finds LayerNorm, and leads to its page, with the formula in one piece', async () => {
    await open('index.html');
    await page.locator('#tsd-search-trigger').click();
    await page.locator('#tsd-search-input').fill('LayerNorm');
    const first = page.getByRole('option').first();
    await first.waitFor();
    expect((await first.innerText()).trim()).toBe('scratchformer.LayerNorm');
    await first.getByRole('link').click();
    await page.getByRole('heading', { name: 'Class LayerNorm' }).waitFor();
    await open('functions/scratchformer.layerNorm.html');
    await page.getByRole('heading', { name: 'Function layerNorm' }).waitFor();
    expect(await page.locator('pre').first().innerText()).toMatch(
      /^y = x̂ ⊙ gain \+ bias,.*\ndx = r·\(g − mean/,
    );
    expect(complaints).toEqual([]);
  });

  test('has the pages of the project, with their figures', async () => {
    const pages = readdirSync(`${site}documents`);
    for (const name of [
      'The_kernels',
      'The_lab',
      'The_hard_gradients,_derived',
      'The_course',
      '07_Attention',
    ])
      expect(pages).toContain(`${name}.html`);
    await open('documents/07_Attention.html');
    const figure = page.locator('img').first();
    expect(await figure.evaluate((image) => Reflect.get(image, 'naturalWidth'))).toBeGreaterThan(100);
    await page.getByRole('heading', { name: '07 Attention' }).waitFor();
    await page.getByRole('link', { name: 'The hard gradients, derived' }).first().waitFor();
    expect(complaints).toEqual([]);
  });
});
