import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeSafetensors } from '../../src/io/index.ts';
import { manualSeed, randomState, randomStream, restoreRandomState, tensor } from '../../src/tensor/index.ts';
import { decodeCheckpoint, encodeCheckpoint, loadCheckpoint, saveCheckpoint } from '../../src/train/index.ts';

let path: string;

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), 'checkpoint-')), 'checkpoint.safetensors');
  manualSeed(8);
  randomStream('batch')();
  await saveCheckpoint(path, {
    step: 7,
    model: new Map([['a.weight', tensor([[1, 2.5]])], ['b', tensor([3], { dtype: 'float64' })]]), // biome-ignore format: one line
    optimizer: { kind: 'AdamW', tensors: new Map([['0.m', tensor([0.25])]]), groups: [{ lr: 0.1 }] },
    random: randomState(),
    info: { config: { width: 3 }, tokenizer: ['ä', '\n'] },
  });
});

describe('a checkpoint', () => {
  test('gives back what was saved: tensors, plain data, and the random streams where they were', async () => {
    const next = randomStream('batch')();
    const { step, model, optimizer, random, info } = await loadCheckpoint(path);
    expect(step).toBe(7);
    expect([...model].map(([name, value]) => [name, value.dtype, value.toArray()])).toEqual([
      ['b', 'float64', [3]],
      ['a.weight', 'float32', [[1, 2.5]]],
    ]);
    expect({ ...optimizer, tensors: optimizer.tensors.get('0.m')!.toArray() }).toEqual({
      kind: 'AdamW',
      groups: [{ lr: 0.1 }],
      tensors: [0.25],
    });
    expect(info).toEqual({ config: { width: 3 }, tokenizer: ['ä', '\n'] });
    restoreRandomState(random);
    expect(randomStream('batch')()).toBe(next);
  });

  test('has averages only if they were given', async () => {
    const saved = await loadCheckpoint(path);
    expect('ema' in saved).toBe(false);
    const ema = { kind: 'EMA', updates: 3, tensors: new Map([['0', tensor([0.5, 2])]]) };
    const again = decodeCheckpoint(encodeCheckpoint({ ...saved, ema }));
    expect({ ...again.ema, tensors: again.ema!.tensors.get('0')!.toArray() }).toEqual({
      ...{ kind: 'EMA', updates: 3, tensors: [0.5, 2] },
    });
    expect([...again.model.keys()]).toEqual([...saved.model.keys()]);
    const bad = { ...ema, tensors: new Map([['0', tensor([Number.NaN])]]) };
    expect(() => encodeCheckpoint({ ...saved, ema: bad })).toThrow(
      'all values are finite. got NaN in ema.0.',
    );
  });

  test('of the same state has the same bytes', async () => {
    const first = readFileSync(path);
    const { step, model, optimizer, random, info } = await loadCheckpoint(path);
    await saveCheckpoint(path, { step, model, optimizer, random, info });
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  test('is the same without a file', async () => {
    const bytes = encodeCheckpoint(await loadCheckpoint(path));
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(decodeCheckpoint(bytes)).toEqual(await loadCheckpoint(path));
    expect(() => decodeCheckpoint(bytes.subarray(0, -3))).toThrow(/^decodeCheckpoint: .*cut off/);
    expect(() => encodeCheckpoint({ ...decodeCheckpoint(bytes), step: -1 })).toThrow(
      /^encodeCheckpoint: step/,
    );
  });

  test('that was cut short is an error', async () => {
    writeFileSync(path, readFileSync(path).subarray(0, -3));
    await expect(loadCheckpoint(path)).rejects.toThrow(/^checkpoint .*got .*/);
  });

  test('with any byte changed is an error that names the file', async () => {
    const bytes = new Uint8Array(readFileSync(path));
    for (const [at, byte] of bytes.entries()) {
      const damaged = bytes.slice();
      damaged[at] = byte ^ (1 + ((at * 89) % 255));
      expect(() => decodeCheckpoint(damaged, 'checkpoint x'), `byte ${at}`).toThrow(/^checkpoint x: /);
    }
  });

  test('of the time before there were checksums is read', () => {
    const state = JSON.stringify({ step: 3, random: randomState(), info: {}, optimizer: {} });
    const format = 'scratchformer checkpoint 1';
    const bytes = encodeSafetensors(new Map([['model.w', tensor([1])]]), { format, state });
    expect(decodeCheckpoint(bytes).model.get('w')!.item()).toBe(1);
    const damaged = { format, state, checksum: 'crc32:00000000' };
    expect(() => decodeCheckpoint(encodeSafetensors(new Map(), damaged))).toThrow('CRC-32');
  });

  test.each([
    [
      'another safetensors file',
      encodeSafetensors(new Map([['x', tensor([1])]])),
      'the file is a "scratchformer checkpoint 2"',
    ],
    ['a text', new TextEncoder().encode('To be, or not to be, that is the question'), 'got'],
    ['nothing', new Uint8Array(), 'got'],
    [
      'one whose state is damaged',
      encodeSafetensors(new Map(), { format: 'scratchformer checkpoint 1', state: '{"step":' }),
      'its state is JSON',
    ],
    [
      'one whose state is not whole',
      encodeSafetensors(new Map(), { format: 'scratchformer checkpoint 1', state: '{"step":3}' }),
      'its state has step, random, info and optimizer. got step',
    ],
  ])('is not %s', async (_, bytes, message) => {
    writeFileSync(path, bytes);
    await expect(loadCheckpoint(path)).rejects.toThrow(message);
  });

  test('that does not exist is an error with a hint', async () => {
    await expect(loadCheckpoint(`${path}.no`)).rejects.toThrow('got ENOENT. was a model trained there');
  });
});
