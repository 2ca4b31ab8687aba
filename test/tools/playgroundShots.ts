/** Pictures of every view of the playground: `npx tsx test/tools/playgroundShots.ts FOLDER`, after a build of it. */

import { join } from 'node:path';
import { lessons } from '../../examples/learn/support/lessons.ts';
import { launchChromium } from '../support/chromium.ts';
import { fileServer } from '../support/fileServer.ts';
import { root } from '../support/root.ts';

const [folder = '.'] = process.argv.slice(2);
const { address, close } = await fileServer(`${root}examples/playground/dist`, { isolated: false });
const browser = await launchChromium();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, width, height] of [
    ['wide', 1280, 860],
    ['phone', 390, 844],
  ] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height } });
    page.on('console', (message) => console.log(message.text()));
    page.on('pageerror', (error) => console.log(error.message));
    await page.goto(address);
    await page.click('#play:enabled');
    await page.waitForFunction('Number(document.documentElement.dataset.step) > 130');
    const shot = (view: string, fullPage = false) =>
      page.screenshot({ path: join(folder, `${view}-${size}-${colorScheme}.png`), fullPage });
    await shot('train', size === 'phone');
    await page.click('#tab-look');
    await page.waitForSelector('.call canvas');
    await page.click('#step:enabled');
    await page.waitForTimeout(700);
    await page
      .locator('.call', { hasText: 'attention.query' })
      .first()
      .locator('figure.parameter canvas')
      .first()
      .click({ position: { x: 60, y: 40 } });
    await page.waitForTimeout(500);
    await shot('look');
    await page.click('text=Backward: gradients');
    await page.waitForTimeout(500);
    await page
      .locator('figure', { hasText: 'who reads whom' })
      .first()
      .locator('canvas')
      .nth(1)
      .click({ position: { x: 20, y: 60 } });
    await page.waitForTimeout(500);
    await shot('backward');
    await page.evaluate('scrollTo(0, 0)');
    await shot('top');
    await page.click('#tab-bench');
    await page.click('text=Train a small net');
    await page.waitForSelector('text=Train again', { timeout: 60_000 });
    await shot('bench', true);
    await page.click('#tab-course');
    for (const number of lessons.map(({ number }) => number)) {
      await page.click(`#course nav a:has-text("${number}")`);
      await page.waitForSelector('.live :first-child');
      await page.click('.task button:has-text("Check")');
      await page.waitForSelector('.outcome .steps');
      if (number === '05') await page.click('article .link');
      await page.waitForTimeout(500);
      await shot(`lesson${number}`, true);
    }
    await page.close();
  }
}
await browser.close();
close();
