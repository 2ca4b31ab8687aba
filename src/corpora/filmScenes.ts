/** What happens in a film: two shapes, where each is at each time, and which is nearer. */
import { randomBelow } from '../tensor/index.ts';
import type { Random } from './rule.ts';

/** Height and width of a film in pixels, and the number of its pictures. */
export const SIZE = 24;
export const FRAMES = 8;

export const kinds = ['square', 'triangle', 'bar', 'pole'] as const;
export const colours = ['red', 'green', 'blue', 'yellow'] as const;
export const directions = ['left', 'right', 'up', 'down'] as const;
/** What the first shape does with respect to the second, which never moves. */
export const relations = [
  'passes behind',
  'passes in front of',
  'moves towards',
  'moves away from',
  'rises left of',
  'rises right of',
  'sinks left of',
  'sinks right of',
  'stands still beside',
] as const;

export type Kind = (typeof kinds)[number];
export type Colour = (typeof colours)[number];
export type Direction = (typeof directions)[number];
export type Relation = (typeof relations)[number];

/** How a shape looks, as far as it is told. */
export interface Look {
  readonly kind: Kind;
  readonly colour: Colour;
}

/** A shape in a film: its half width in pixels, its brightness, and its centre in each picture. */
export interface Shape extends Look {
  readonly radius: number;
  readonly brightness: number;
  readonly path: readonly Point[];
}
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Scene {
  readonly relation: Relation;
  /**
   * The shape that the sentence begins with: the one that moves, or of two that stand the one further left.
   */
  readonly first: Shape;
  readonly second: Shape;
  /** Where the first one moves; null if it stands. */
  readonly direction: Direction | null;
  /** Whether the first one hides the second where they overlap. */
  readonly firstInFront: boolean;
}

/** No shape touches another whose centre is this far off along an axis. */
export const APART = 7.5;
/** What moves at all moves at least this far. */
export const SHORTEST = 5.5;
/** Shapes in line with each other are at most this far off it. */
export const ASIDE = 1.5;
const [LOW, HIGH] = [3.5, SIZE - 3.5]; // of a centre, so that a shape is always in the picture
const [SMALLEST, LARGEST] = [3.3, 3.5]; // radius

/** A scene in which shapes of these looks stand in this relation, with everything else left to chance. */
export function randomScene(relation: Relation, [one, other]: readonly [Look, Look], random: Random): Scene {
  const between = (low: number, high: number) => low + (high - low) * random();
  const shape = (look: Look, from: Point, to = from): Shape => ({
    ...look,
    radius: between(SMALLEST, LARGEST),
    brightness: between(0.95, 1),
    path: Array.from({ length: FRAMES }, (_, t) => mix(from, to, t / (FRAMES - 1))),
  });
  const inLine = /^(passes|moves)/.test(relation);
  const drawn = directions[randomBelow(directions.length, random)]!;
  const { direction, from, to, at } = inLine
    ? onOneLine(relation, drawn, between)
    : beside(relation, between);
  const firstInFront = relation.startsWith('passes') ? relation === 'passes in front of' : random() < 0.5;
  return { relation, first: shape(one, from, to), second: shape(other, at), direction, firstInFront };
}

/** Where the first shape starts and ends, and where the second one stays. */
interface Places extends Pick<Scene, 'direction'> {
  readonly from: Point;
  readonly to: Point;
  readonly at: Point;
}
type Between = (low: number, high: number) => number;

/** The first shape stands, rises or sinks, left or right of the second. */
function beside(relation: Relation, between: Between): Places {
  const left = between(LOW, HIGH - APART);
  const right = between(left + APART, HIGH);
  const [x, other] = relation.endsWith('right of') ? [right, left] : [left, right];
  const at = { x: other, y: between(LOW, HIGH) };
  if (relation === 'stands still beside') {
    const place = { x, y: between(LOW, HIGH) };
    return { direction: null, from: place, to: place, at };
  }
  const high = { x, y: between(LOW, HIGH - SHORTEST) };
  const low = { x, y: between(high.y + SHORTEST, HIGH) };
  return relation.startsWith('rises')
    ? { direction: 'up', from: low, to: high, at }
    : { direction: 'down', from: high, to: low, at };
}

/** The first shape moves along a line on which, or nearly, the second one is. */
function onOneLine(relation: Relation, direction: Direction, between: Between): Places {
  const [start, end, still] = along(relation, between);
  const across = between(LOW, HIGH);
  const line = Math.min(HIGH, Math.max(LOW, across + between(-ASIDE, ASIDE)));
  const backwards = direction === 'left' || direction === 'up';
  const place = (along: number, across: number): Point => {
    const way = backwards ? SIZE - along : along;
    return direction === 'left' || direction === 'right' ? { x: way, y: across } : { x: across, y: way };
  };
  return { direction, from: place(start, line), to: place(end, line), at: place(still, across) };
}

/** Start and end of the first shape along its way, and the place of the second. */
function along(relation: Relation, between: Between): readonly [start: number, end: number, still: number] {
  if (relation.startsWith('passes')) {
    const still = between(LOW + APART, HIGH - APART);
    return [between(LOW, still - APART), between(still + APART, HIGH), still];
  }
  const still = between(LOW, HIGH - APART - SHORTEST);
  const near = between(still + APART, HIGH - SHORTEST);
  const far = between(near + SHORTEST, HIGH);
  return relation === 'moves away from' ? [near, far, still] : [SIZE - far, SIZE - near, SIZE - still];
}

const mix = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});
