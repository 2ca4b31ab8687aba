/** How soon the playground paints, and how much it loads: `npx tsx test/tools/firstPaint.ts`, after a build of it. */
import { launchChromium } from '../support/chromium.ts';
import { fileServer } from '../support/fileServer.ts';
import { root } from '../support/root.ts';

const TRIES = 5;

/** What the page reads off its own clock. */
interface Course {
  /** Milliseconds from the request to the first text or picture. */
  readonly paint: number;
  /** Milliseconds until a run can be played. */
  readonly ready: number;
  /** Files that were asked for before the engine, and their bytes. */
  readonly files: readonly string[];
  readonly bytes: number;
}

interface Entry {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly encodedBodySize: number;
}

const { address, close } = await fileServer(`${root}examples/playground/dist`, { isolated: false });
const browser = await launchChromium();
const courses: Course[] = [];
for (let i = 0; i < TRIES; i++) {
  const page = await browser.newPage(); // with an empty cache each
  await page.goto(address);
  await page.waitForSelector('#play:enabled');
  courses.push(
    await page.evaluate(() => {
      const entries = performance.getEntries() as unknown as Entry[];
      const loaded = entries.filter(({ entryType }) => ['navigation', 'resource'].includes(entryType));
      const before = loaded.filter(({ name }) => !/worker|\.wasm$/.test(name));
      return {
        paint: entries.find(({ name }) => name === 'first-contentful-paint')!.startTime,
        ready: performance.now(),
        files: before.map(({ name }) => name.replace(/.*\//, '')),
        bytes: before.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      };
    }),
  );
  await page.close();
}
await browser.close();
close();
const times = (part: 'paint' | 'ready') => courses.map((course) => course[part].toFixed(0)).join(', ');
console.log(`first paint after ${times('paint')} ms`);
console.log(`a run can be played after ${times('ready')} ms`);
console.log(`${courses[0]!.bytes} bytes before the engine: ${courses[0]!.files.filter(Boolean).join(', ')}`);
