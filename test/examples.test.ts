import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { root } from './support/root.ts';

const MINUTES = 60_000;
const folder = `${root}examples/`;
const names = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name));
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    env: { ...process.env, SCRATCHFORMER_THREADS: '1' }, // another file of tests runs beside
    timeout: 9 * MINUTES, // below the time that a test has, so that none goes on alone
  });

/** Beside `--quick`. */
const words: Record<string, string[]> = { '08-flat-memory.ts': ['20000'] };

/**
 * What the comment at the end of an example promises; `…` stands for anything. A smoke run reaches and bounds
 * no score.
 */
function promised(source: string): RegExp {
  const [, text] =
    /\/\* prints\n([\s\S]*)\*\/\n$/.exec(source) ?? expect.fail('the example ends with what it prints');
  const literal = text!.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const anyScore = literal.replace(/^score: .*$/gm, (line) =>
    line.replace(/(?<!target)=\d+\\\.\d+/g, '=\\d+\\.\\d+'),
  );
  return new RegExp(`^${anyScore.replaceAll('…', '[\\s\\S]*')}$`);
}

describe('every example prints what it promises', () => {
  test.each(names)('%s', { timeout: 10 * MINUTES }, async (name) => {
    const { stdout } = await run(folder + name, '--quick', ...(words[name] ?? []));
    expect(stdout).toMatch(promised(readFileSync(folder + name, 'utf8')));
  });
});

describe('npm run example', () => {
  const main = `${folder}main.ts`;

  test('lists every example, with its first line', async () => {
    const lines = (await run(main, '--list')).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(names.length);
    for (const [i, name] of names.entries()) {
      expect(lines[i]).toMatch(new RegExp(`^${name.slice(3, -3)} +\\S`));
      expect(readFileSync(folder + name, 'utf8')).toContain(`// ${lines[i]!.replace(/^\S+ +/, '')}\n`);
    }
  });

  test('translates pairs of your own', async () => {
    const file = `${mkdtempSync(`${tmpdir()}/pairs-`)}/pairs.tsv`;
    const pairs = Array.from(
      { length: 30 },
      (_, n) => `${[...`${n}`].join(' ')}\t${[...`${n}`].reverse().join(' ')}`,
    );
    writeFileSync(file, `${pairs.join('\n')}\n`);
    const { stdout } = await run(main, 'translation', file, '--quick');
    expect(stdout).toMatch(/^27 pairs to learn from, 3 held out/);
    expect(stdout).toMatch(/^score: translation exact=/m);
    const translated = await run(main, 'examples/translate.ts', 'runs/translation', '1 2', 'Ünknown wörds');
    expect(translated.stdout.split('\n')).toHaveLength(3);
    writeFileSync(file, 'one\tpair\n');
    await expect(run(main, 'translation', file)).rejects.toThrow(
      'at least two pairs with different sources. got 1 pairs',
    );
  });

  test.each(['vit', 'mlp-mixer'])('%s learns images of your own', { timeout: 10 * MINUTES }, async (name) => {
    const folder = mkdtempSync(`${tmpdir()}/images-`);
    const image = (label: number) => Uint8Array.from({ length: 144 }, (_, i) => (i * (label + 1) * 29) % 256);
    const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 3);
    writeFileSync(
      `${folder}/images.csv`,
      [...labels].map((label) => `${label},${image(label).join()}`).join('\n'),
    );
    const fromCsv = await run(main, name, `${folder}/images.csv`, '--quick');
    expect(fromCsv.stdout).toMatch(/^16 images to learn from, 4 held out: 12×12×1, 3 classes/);
    expect(fromCsv.stdout).toMatch(new RegExp(`^score: ${name} accuracy=\\d\\.\\d+ chance=0\\.3333`, 'm'));
    const header = (...words: number[]) => words.flatMap((word) => [0, 0, word >> 8, word & 255]);
    for (const part of ['train', 't10k']) {
      const pixels = [...labels].flatMap((label) => [...image(label)]);
      writeFileSync(
        `${folder}/${part}-images-idx3-ubyte`,
        Uint8Array.from([...header(0x803, 20, 12, 12), ...pixels]),
      );
      writeFileSync(
        `${folder}/${part}-labels-idx1-ubyte`,
        Uint8Array.from([...header(0x801, 20), ...labels]),
      );
    }
    const fromIdx = await run(main, name, folder, '--quick');
    expect(fromIdx.stdout).toMatch(/^20 images to learn from, 20 held out: 12×12×1, 3 classes/);
    writeFileSync(`${folder}/train-labels-idx1-ubyte`, Uint8Array.from(header(0x801, 20)));
    await expect(run(main, name, folder)).rejects.toThrow(
      'train-labels-idx1-ubyte": 20 bytes follow the header. got 0.',
    );
    await expect(run(main, name, `${folder}/none`)).rejects.toThrow(
      'images: the path leads to images. got ENOENT',
    );
  });

  test('finds the boxes of your own pictures', async () => {
    const pictures = mkdtempSync(`${tmpdir()}/pictures-`);
    const images = Array.from({ length: 6 }, (_, id) => ({ id, file_name: `${id}.png` }));
    for (const { file_name } of images)
      writeFileSync(
        `${pictures}/${file_name}`,
        PNG.sync.write(new PNG({ width: 20, height: 16, fill: true })),
      );
    const annotations = images.map(({ id }) => ({ image_id: id, category_id: 4, bbox: [id, 2, 8, 9] }));
    const boxes = { images, annotations, categories: [{ id: 4, name: 'spot' }] };
    writeFileSync(`${pictures}/boxes.json`, JSON.stringify(boxes));
    const { stdout } = await run(main, 'detr', pictures, '--quick');
    expect(stdout).toMatch(/^score: detr averagePrecision=\S+ chance=/m);
    writeFileSync(
      `${pictures}/boxes.json`,
      JSON.stringify({ ...boxes, images: images.slice(0, 1), annotations: [] }),
    );
    await expect(run(main, 'detr', pictures)).rejects.toThrow('there are at least two pictures. got 1.');
  });

  test('runs one by its name, and knows no other', async () => {
    expect((await run(main, 'tensors')).stdout).toMatch(
      promised(readFileSync(`${folder}01-tensors.ts`, 'utf8')),
    );
    await expect(run(main, 'tensor')).rejects.toThrow(
      'there is no example "tensor". did you mean "tensors"?',
    );
    await expect(run(main, 'tensors', '--seed', 'x')).rejects.toThrow('the seed is a whole number. got x');
    await expect(run(main, 'adder', 'extra')).rejects.toThrow(
      'it takes 0 words besides the options. got extra',
    );
  });
});
