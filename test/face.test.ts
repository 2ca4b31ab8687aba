/** What `scratchformer` names, and what stays behind it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as face from '../src/index.ts';
import * as kernels from '../src/kernels/index.ts';
import * as nn from '../src/nn/index.ts';
import * as ops from '../src/ops/index.ts';
import * as tensors from '../src/tensor/index.ts';
import { root } from './support/root.ts';

const named: Record<string, object> = {
  '': face,
  '/kernels': kernels,
  '/ops': ops,
  '/tensor': tensors,
  '/nn': nn,
};

/** What is imported from `scratchformer` or one of the rooms above: [room, name], without types. */
function importsIn(text: string): [room: string, name: string][] {
  return [...text.matchAll(/import \{([^}]*)\} from 'scratchformer(\/(?:kernels|ops|tensor|nn))?'/g)].flatMap(
    ([, list, room = '']) =>
      list!
        .split(',')
        .map((name) => name.trim().replace(/ as .*/, ''))
        .filter((name) => name !== '' && !name.startsWith('type '))
        .map((name): [string, string] => [room, name]),
  );
}

const pages = ['README.md', 'CONTRIBUTING.md', ...inside('docs', '.md'), ...inside('examples', '.ts')];

function inside(folder: string, ending: string): string[] {
  const names = readdirSync(root + folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
}

test('what pages and examples import is there', () => {
  const wanted = pages.flatMap((page) => importsIn(readFileSync(root + page, 'utf8')));
  expect(wanted.length).toBeGreaterThan(80);
  expect(wanted.filter(([room, name]) => !(name in named[room]!))).toEqual([]);
});

describe('plumbing', () => {
  const memory = [
    'Pool',
    'heapPool',
    'collectInto',
    'adoptIntoScope',
    'allocateFrom',
    'takeBlock',
    'poisonReleased',
  ];
  const layersOnly = [
    'checkSize',
    'checkLayers',
    'checkOneOf',
    'checkTokens',
    'checkTargets',
    'summaryTable',
    'attentionDefaults',
    'blockDefaults',
    'blockOptions',
    'sinusoids',
  ];
  const forOps = [
    'aroundAxis',
    'contiguousStride',
    'empty',
    'persistentZeros',
    'resolveAxis',
    'Storage',
    'withDefaults',
  ];

  test('of memory and of checks is in no room that users enter', () => {
    for (const [room, names] of Object.entries(named)) {
      expect(
        Object.keys(names).filter((name) => [...memory, ...layersOnly].includes(name)),
        room,
      ).toEqual([]);
    }
  });

  test('of ops over typed arrays is in the rooms, not on the face', () => {
    expect(forOps.filter((name) => !(name in tensors))).toEqual([]);
    expect(kernels).toHaveProperty('kernels');
    expect(Object.keys(face).filter((name) => [...forOps, 'kernels', 'keeps'].includes(name))).toEqual([]);
    expect(Object.keys(face).filter((name) => /^check[A-Z]/.test(name))).toEqual([]);
  });
});

test('ops and layers come onto the face by themselves', () => {
  expect(face).toMatchObject({ ...ops, ...nn });
});
