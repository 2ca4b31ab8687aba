import { describe, expect, test } from 'vitest';
import { drawFilm } from '../../src/corpora/drawFilm.ts';
import {
  colours,
  kinds,
  type Point,
  relations,
  type Scene,
  type Shape,
} from '../../src/corpora/filmScenes.ts';
import {
  FILM_FRAMES,
  FILM_SIZE,
  type Film,
  filmCaptions,
  films,
  LEAST_OVERLAP,
  moves,
} from '../../src/corpora/films.ts';

const take = (count: number, options = {}): Film[] => Array.from({ length: count }, films(options));
const many = take(2000, { noise: 0 });

/** Says what happens from where the shapes are and which is nearer, without being told the relation. */
function tell({ first, second, firstInFront }: Pick<Scene, 'first' | 'second' | 'firstInFront'>): string {
  const [subject, other] = isStill(first) && isStill(second) ? leftFirst(first, second) : [first, second];
  const [a, b] = [subject, other].map(({ colour, kind }) => `a ${colour} ${kind}`);
  return `${a} ${relate(subject, other, firstInFront)} ${b}`;
}

const isStill = ({ path }: Shape) => path.every(({ x, y }) => x === path[0]!.x && y === path[0]!.y);
const leftFirst = (a: Shape, b: Shape) => (a.path[0]!.x < b.path[0]!.x ? [a, b] : [b, a]) as [Shape, Shape];

function relate(mover: Shape, other: Shape, moverInFront: boolean): string {
  if (isStill(mover)) return 'stands still beside';
  const [start, end, still] = [mover.path[0]!, mover.path.at(-1)!, other.path[0]!];
  const gap = (p: Point) => Math.max(Math.abs(p.x - still.x), Math.abs(p.y - still.y));
  const crosses = mover.path.some((p) => gap(p) < mover.radius + other.radius);
  if (crosses) return moverInFront ? 'passes in front of' : 'passes behind';
  if (start.x === end.x && Math.abs(start.x - still.x) > mover.radius + other.radius) {
    return `${end.y < start.y ? 'rises' : 'sinks'} ${start.x < still.x ? 'left' : 'right'} of`;
  }
  return gap(end) < gap(start) ? 'moves towards' : 'moves away from';
}

/** How much two films differ, in pixels of which one colour has become another. */
const differing = (a: Float32Array, b: Float32Array) => {
  let pixels = 0;
  for (let i = 0; i < a.length; i += 3) {
    pixels += Math.max(...[0, 1, 2].map((c) => Math.abs(a[i + c]! - b[i + c]!))) / 0.8;
  }
  return pixels;
};

describe('films', () => {
  test('have one caption each, which follows from what is to be seen', () => {
    for (const { scene, caption, move } of many) {
      expect(tell(scene)).toBe(caption);
      const { direction, first } = scene;
      expect(moves[move]).toBe(direction ? `${first.kind} ${direction}` : 'nothing');
      const [start, end] = [first.path[0]!, first.path.at(-1)!];
      if (direction) {
        const along = {
          left: start.x - end.x,
          right: end.x - start.x,
          up: start.y - end.y,
          down: end.y - start.y,
        };
        expect(Object.values(along).filter((far) => far > 5)).toEqual([along[direction]]);
        expect(along[direction]).toBeGreaterThan(5);
      }
    }
  });

  test('which hides which is to be seen, and only where one passes', () => {
    for (const { scene, pixels } of many.slice(0, 500)) {
      const swapped = drawFilm({ ...scene, firstInFront: !scene.firstInFront }, 0, Math.random);
      const visible = differing(pixels, swapped);
      if (scene.relation.startsWith('passes')) expect(visible).toBeGreaterThan(0.7 * LEAST_OVERLAP);
      else expect(visible).toBe(0);
    }
  });

  test('both shapes are whole and in the picture; they are apart at the beginning and at the end', () => {
    for (const { scene } of many.slice(0, 500)) {
      const { first, second } = scene;
      for (const { path, radius } of [first, second]) {
        for (const { x, y } of path) {
          expect(Math.min(x, y, FILM_SIZE - x, FILM_SIZE - y)).toBeGreaterThanOrEqual(radius);
        }
      }
      for (const t of [0, FILM_FRAMES - 1]) {
        const [a, b] = [first.path[t]!, second.path[t]!];
        expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThan(
          first.radius + second.radius,
        );
      }
    }
  });

  test('played backwards, towards is away, and rising is sinking: one picture tells nothing', () => {
    const backwards = new Map([
      ['moves towards', 'moves away from'],
      ['rises left of', 'sinks left of'],
      ['rises right of', 'sinks right of'],
    ]);
    let tried = 0;
    for (const { scene } of many) {
      const expected = backwards.get(scene.relation);
      if (expected === undefined) continue;
      tried++;
      const turned = (shape: Shape) => ({ ...shape, path: shape.path.toReversed() });
      const { first, second, firstInFront } = scene;
      expect(tell({ first: turned(first), second: turned(second), firstInFront })).toContain(` ${expected} `);
    }
    expect(tried).toBeGreaterThan(400);
  });

  test('the colours of a pixel are those of the shape that is there', () => {
    const parts = {
      red: [true, false, false],
      green: [false, true, false],
      blue: [false, false, true],
      yellow: [true, true, false],
    };
    for (const { scene, pixels } of many.slice(0, 300)) {
      const { x, y } = scene.second.path[0]!; // at first nothing hides it; each kind covers its centre
      const at = (Math.floor(y) * FILM_SIZE + Math.floor(x)) * 3;
      const bright = [...pixels.subarray(at, at + 3)].map((value) => value > 0.5);
      expect(bright).toEqual(parts[scene.second.colour]);
    }
  });

  test('kinds differ in what they fill of the square around them', () => {
    const share = { square: 1, triangle: 0.5, bar: 0.4, pole: 0.4 };
    const standing = many.filter(({ move }) => move === 0).slice(0, 50);
    for (const kind of kinds) {
      const errors = standing.map(({ scene }) => {
        const red = { kind, colour: 'red', brightness: 1 } as const;
        const [first, second] = [
          { ...scene.first, ...red },
          { ...scene.second, ...red },
        ];
        const frame = drawFilm({ ...scene, first, second }, 0, Math.random).subarray(0, FILM_SIZE ** 2 * 3);
        const reds = frame.filter((_, i) => i % 3 === 0);
        const area = reds.reduce((sum, value) => sum + (value - 0.15) / (0.95 - 0.15), 0);
        return area / (4 * first.radius ** 2 + 4 * second.radius ** 2) - share[kind];
      });
      expect(Math.abs(errors.reduce((sum, error) => sum + error) / errors.length), kind).toBeLessThan(0.02);
    }
  });

  test('show these relations alone, where some are named', () => {
    const some = take(100, { relations: ['passes behind', 'rises left of'] });
    expect(new Set(some.map(({ scene }) => scene.relation))).toEqual(
      new Set(['passes behind', 'rises left of']),
    );
    expect(() => films({ relations: [] })).toThrow('films: relations are a list. got []');
    expect(() => films({ relations: ['passes' as never] })).toThrow(
      'films: the relation is known. got "passes". known: passes behind, passes in front of, ',
    );
  });

  test('kinds, colours and relations are equally frequent', () => {
    const count = (is: (film: Film) => boolean) => many.filter(is).length;
    for (const relation of relations) {
      expect(Math.abs(count(({ scene }) => scene.relation === relation) / many.length - 1 / 9)).toBeLessThan(
        0.025,
      );
    }
    for (const part of ['first', 'second'] as const) {
      for (const kind of kinds)
        expect(Math.abs(count(({ scene }) => scene[part].kind === kind) / many.length - 1 / 4)).toBeLessThan(
          0.035,
        );
      for (const colour of colours)
        expect(
          Math.abs(count(({ scene }) => scene[part].colour === colour) / many.length - 1 / 4),
        ).toBeLessThan(0.035);
    }
  });

  test('held out are pairs of looks, in either order, and never a look or a word', () => {
    const [seen, heldOut] = [filmCaptions(), filmCaptions({ heldOut: true })];
    expect([seen.length, heldOut.length]).toEqual([1368, 360]);
    const pair = (caption: string) => {
      const [, a, b] = /^a (\w+ \w+) .* a (\w+ \w+)$/.exec(caption)!;
      return [a, b].sort().join(' & ');
    };
    const known = new Set(seen.map(pair));
    expect(heldOut.filter((caption) => known.has(pair(caption)))).toEqual([]);
    for (const caption of ['a red square passes behind a blue bar', 'a blue bar rises left of a red square'])
      expect(heldOut).toContain(caption); // the example of the page
    const looks = (captions: string[]) => new Set(captions.flatMap((caption) => pair(caption).split(' & ')));
    expect([looks(seen).size, looks(heldOut).size]).toEqual([16, 16]);
    const without = (part: RegExp, captions: string[]) =>
      new Set(captions.map((caption) => caption.replaceAll(part, '')));
    for (const part of [/\b(red|green|blue|yellow) /g, /\b(square|triangle|bar|pole)\b/g]) {
      const apart = [...without(part, heldOut)].filter((pairOfOne) => !without(part, seen).has(pairOfOne));
      expect(apart).toEqual([]); // every two kinds, and every two colours, are seen together
    }
    const told = (heldOut: boolean) =>
      new Set(take(500, { heldOut, noise: 0 }).map(({ caption }) => caption));
    for (const caption of told(false)) expect(seen).toContain(caption);
    for (const caption of told(true)) expect(heldOut).toContain(caption);
  });

  test('same seed, same films; noise changes every number but not what happens', () => {
    expect(take(5, { seed: 7 })).toEqual(take(5, { seed: 7 }));
    expect(take(5, { seed: 7 })).not.toEqual(take(5, { seed: 8 }));
    expect(take(5, { seed: 7 })).not.toEqual(take(5, { seed: 7, heldOut: true }));
    const [noisy, clean] = [take(1, { noise: 0.1 })[0]!, take(1, { noise: 0 })[0]!];
    expect(noisy.caption).toBe(clean.caption);
    const errors = noisy.pixels.map((value, i) => Math.abs(value - clean.pixels[i]!));
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.1 + 1e-6);
    expect(errors.reduce((sum, error) => sum + error) / errors.length).toBeGreaterThan(0.04);
  });

  test('bad options', () => {
    expect(() => films({ noise: 2 })).toThrow('films: noise lies in [0, 1]. got 2.');
    expect(() => films({ heldout: true } as object)).toThrow('did you mean "heldOut"?');
    expect(() => films({ seed: Number.NaN })).toThrow('films: the seed is');
  });
});
