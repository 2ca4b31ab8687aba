import { beforeEach, expect, test } from 'vitest';
import { manualSeed, randn, randomState, randomStream, restoreRandomState } from '../../src/tensor/index.ts';

const draw = (name: string, count = 5) => Array.from({ length: count }, () => randomStream(name)());

beforeEach(() => manualSeed(7));

test('the same seed gives the same numbers, another seed others', () => {
  const first = draw('init');
  manualSeed(7);
  expect(draw('init')).toEqual(first);
  manualSeed(8);
  expect(draw('init')).not.toEqual(first);
});

test('streams do not disturb each other', () => {
  const alone = draw('init', 6);
  manualSeed(7);
  const before = draw('init', 3);
  draw('dropout', 100);
  expect([...before, ...draw('init', 3)]).toEqual(alone);
  manualSeed(7);
  expect(draw('dropout')).not.toEqual(draw('init'));
});

test('a state, written as JSON and read back, continues exactly, whatever happened between', () => {
  draw('init', 3);
  draw('sample', 2);
  const state = JSON.parse(JSON.stringify(randomState()));
  const expected = [draw('init'), draw('sample'), draw('never drawn before')];
  manualSeed(99);
  draw('init', 17);
  restoreRandomState(state);
  expect([draw('init'), draw('sample'), draw('never drawn before')]).toEqual(expected);
});

test('a stream in hand before a new seed does not drive the new ones', () => {
  const old = randomStream('init');
  const expected = draw('init', 3);
  manualSeed(7);
  for (let i = 0; i < 10; i++) old();
  expect(draw('init', 3)).toEqual(expected);
});

test('randn takes the stream it is given', () => {
  const x = randn([4], { random: randomStream('mine') });
  manualSeed(7);
  draw('init', 50);
  expect(randn([4], { random: randomStream('mine') }).toArray()).toEqual(x.toArray());
});

test('the seed is a whole number', () => {
  expect(() => manualSeed(0.5)).toThrow('manualSeed: the seed is a whole number. got 0.5.');
  expect(() => manualSeed(Number.NaN)).toThrow('got NaN');
});
