/**
 * Draws the picture in the README from the metrics of a finished story run:
 *
 *     npm start && npm run -s picture runs/stories examples/story-gpt.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lossCurve, type Metrics } from '../../src/report/index.ts';

const [folder, picture] = process.argv.slice(2) as [string, string];
const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
writeFileSync(picture, lossCurve(lines.map((line) => JSON.parse(line) as Metrics)));
