import { expect, test } from 'vitest';
import {
  attentionMap,
  boxGrid,
  filmAttention,
  imageGrid,
  lossCurve,
  speechAlignment,
} from '../../src/report/index.ts';

/** What an SVG says in words. */
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
const cells = (svg: string) => svg.match(/fill="rgb\(/g)?.length ?? 0;

test('a map of attention names its words and draws a cell for each weight that can be seen', () => {
  const title = 'who looks where';
  const map = (weight: number) =>
    attentionMap({ title, weights: [[[1 - weight, weight], [0, 1]]], rows: ['a', 'b'], columns: ['c', 'd'] }); // biome-ignore format: a map
  expect(words(map(0.5))).toEqual(expect.arrayContaining([title, 'head 1', 'a', 'b', 'c', 'd']));
  expect(cells(map(0.5)) - cells(map(0.001))).toBe(1);
});

test('a loss curve has what the metrics have, on an axis of powers of two around it', () => {
  const losses = [3, 2, 1.5].map((loss, i) => ({ step: i + 1, loss }));
  const plain = words(lossCurve(losses));
  expect(plain).toContain('training loss');
  expect(plain.join()).not.toContain('entropy');
  expect(plain).toEqual(expect.arrayContaining(['1', '4']));
  const known = words(lossCurve([...losses, { step: 3, validationLoss: 1.6, entropy: 0.3238 }]));
  expect(known).toContain('entropy of the grammar, 0.324: the best possible');
  expect(known).toContain('0.25');
  expect(() => lossCurve([{ step: 1 }])).toThrow(
    'lossCurve: a line of the metrics has a loss. got 1 lines without.',
  );
});

test('a grid of images has each picture in its place, and words above and beside them', () => {
  const rows = [
    { label: 'image', images: ['data:a', 'data:b'] },
    { label: 'map', images: ['data:c', 'data:d'] },
  ];
  const svg = imageGrid({ title: 'what it sees', rows, columns: ['cat', 'dog'], side: 40 });
  expect(words(svg)).toEqual(expect.arrayContaining(['what it sees', 'image', 'map', 'cat', 'dog']));
  const number = (image: string, name: string) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(image)![1]);
  const places = [...svg.matchAll(/<image [^>]*>/g)].map(
    ([image]) => [/data:(\w)/.exec(image)![1], number(image, 'x'), number(image, 'y')] as const,
  );
  const at = new Map(places.map(([name, x, y]) => [name, [x, y] as const]));
  expect([...at.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  expect([at.get('b')![0] - at.get('a')![0], at.get('c')![1] - at.get('a')![1]]).toEqual([48, 48]);
  expect([at.get('a')![1], at.get('c')![0]]).toEqual([at.get('b')![1], at.get('a')![0]]);
  expect(() => imageGrid({ title: '', rows: [] })).toThrow(
    'imageGrid: there is at least one picture. got 0 rows.',
  );
});

test('a picture of speech names the symbols that are probable, and where each begins', () => {
  const picture = (p: number) =>
    speechAlignment({
      title: 'heard',
      spectrogram: [[0, 1], [2, 3], [4, 5], [6, 7]], // biome-ignore format: rows
      probabilities: [[1 - p, p, 0], [1 - p, p, 0], [1, 0, 0]], // biome-ignore format: rows
      symbols: ['blank', 'a', 'b'],
      seconds: 0.5,
    });
  const heard = words(picture(0.9));
  expect(heard).toEqual(expect.arrayContaining(['heard', 'blank', '0.0', '0.2', '0.4']));
  expect(heard.filter((word) => word === 'a')).toHaveLength(2); // its row, and its only beginning
  expect(heard).not.toContain('b');
  expect(words(picture(0.4)).filter((word) => word === 'a')).toHaveLength(1);
  expect(words(picture(0.1))).not.toContain('a');
  expect(() =>
    speechAlignment({
      title: '',
      spectrogram: [[0]],
      probabilities: [[1, 0]],
      symbols: ['blank'],
      seconds: 1,
    }),
  ).toThrow('speechAlignment: there are frames, and a name for each symbol. got 1 and 1 frames, 1 names.');
});

test('a grid of pictures draws each box where it lies, over its picture, with its words', () => {
  const image = 'data:image/png;base64,AA==';
  const box = { box: [0.5, 0.25, 0.5, 0.5], text: 'disc', colour: '#ff0000' } as const;
  const svg = boxGrid({ title: 'found', columns: ['one', 'two'], side: 100, rows: [[{ image, boxes: [] }, { image, boxes: [box] }]] }); // biome-ignore format: one line
  expect(words(svg)).toEqual(expect.arrayContaining(['found', 'one', 'two', 'disc']));
  const pictures = [...svg.matchAll(/<image [^>]*x="(\d+)" y="(\d+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(pictures).toHaveLength(2);
  const [x, y] = pictures[1]!; // of 100 by 100: the box goes from 25 to 75, and from 0 to 50
  const frame = new RegExp(`M${x! + 25} ${y}l50 0l0 50l-50 0Z"[^>]*stroke="#ff0000"`);
  expect(svg).toMatch(frame);
  expect(() => boxGrid({ title: 'none', rows: [] })).toThrow(
    'boxGrid: there is at least one picture. got 0 rows.',
  );
});

test('attention over a film: the film once, then a row for each word, clear where it looks', () => {
  const [T, H, W] = [4, 2, 4];
  const pixels = new Float32Array(T * H * W * 3);
  pixels.fill(1, 2 * H * W * 3); // dark at first, bright in the second half
  const picture = {
    title: 'where it looks',
    pixels,
    size: [T, H, W],
    grid: [2, 1, 2],
    words: ['a', 'red'],
  } as const;
  const svg = filmAttention({ ...picture, weights: [[0.1, 0.7, 0.1, 0.1], [0, 0, 0.5, 0.5]] }); // biome-ignore format: two rows
  expect(words(svg)).toEqual(['where it looks', 'the film', 'a', 'red']);
  const symbols = [...svg.matchAll(/<symbol.*?<\/symbol>/g)].map(([symbol]) => symbol);
  expect(symbols).toHaveLength(2);
  expect(symbols[0]).toContain('<path fill="#000" d="M0 0h4v1H0zM0 1h4v1H0z"/>');
  expect(symbols[1]).toContain('fill="#fff"');
  expect(svg.match(/<use /g)).toHaveLength(3 * 2);
  const veils = [...svg.matchAll(/fill-opacity="([\d.]+)" d="(.*?)"/g)].map(([, opacity, d]) => [
    Number(opacity),
    d,
  ]);
  const [left, right, both] = ['M0 0h1v1H0z', 'M1 0h1v1H1z', 'M0 0h2v1H0z']; // equal neighbours are one
  expect(veils).toEqual([[0.76, left], [0, right], [0.76, both], [0.88, both], [0, both]]); // biome-ignore format: one row
  expect(() => filmAttention({ ...picture, weights: [[1, 0]] })).toThrow(
    'filmAttention: there are colours for each pixel of the film, and weights for each tubelet. got 96 numbers and 2',
  );
});
