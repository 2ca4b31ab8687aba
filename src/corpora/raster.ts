/** Anti-aliased strokes and areas on a square canvas of grey pixels. */

/** Points that are joined by straight lines; x to the right, y down. */
export type Path = readonly (readonly [x: number, y: number])[];

/** A square of ink, from 0 to 1 in each pixel; pixel (column, row) has its centre at (column, row). */
export class Canvas {
  readonly ink: Float32Array;
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    this.ink = new Float32Array(size * size);
  }

  /** Draws a line: a pixel gets as much ink as the pen covers of it, and keeps what it has more of. */
  stroke(path: Path, radius: number, ink: number): void {
    for (let i = 1; i < path.length; i++) this.#segment(path[i - 1]!, path[i]!, radius, ink);
  }

  /** Fills what lies inside of a closed path. Its edge is drawn too, so that it is smooth. */
  fill(path: Path, ink: number): void {
    for (let y = 0; y < this.size; y++) {
      const crossings = path.flatMap(([x2, y2], i) => {
        const [x1, y1] = path.at(i - 1)!;
        return y1 > y === y2 > y ? [] : [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)];
      });
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const last = Math.min(this.size - 1, Math.floor(crossings[i + 1]!));
        for (let x = Math.max(0, Math.ceil(crossings[i]!)); x <= last; x++) this.#put(x, y, ink);
      }
    }
    this.stroke([...path, path[0]!], 0.5, ink);
  }

  #segment([x1, y1]: Path[number], [x2, y2]: Path[number], radius: number, ink: number): void {
    const reach = radius + 0.5;
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = dx * dx + dy * dy || 1;
    const border = (x: number) => Math.max(0, Math.min(this.size - 1, x));
    const [left, right] = [
      border(Math.ceil(Math.min(x1, x2) - reach)),
      border(Math.floor(Math.max(x1, x2) + reach)),
    ];
    const [top, bottom] = [
      border(Math.ceil(Math.min(y1, y2) - reach)),
      border(Math.floor(Math.max(y1, y2) + reach)),
    ];
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
        const distance = Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
        if (distance < reach) this.#put(x, y, ink * Math.min(1, reach - distance));
      }
    }
  }

  #put(x: number, y: number, ink: number): void {
    const at = y * this.size + x;
    this.ink[at] = Math.max(this.ink[at]!, ink);
  }
}

/** A smooth line through points: Catmull and Rom's spline, cut into short straight lines. */
export function smooth(points: Path): Path {
  const at = (i: number) => points[Math.max(0, Math.min(points.length - 1, i))]!;
  const steps = [0, 0.25, 0.5, 0.75];
  const curve = points.slice(1).flatMap((_, i) =>
    steps.map((t) => {
      const blend = (axis: 0 | 1) => {
        const [a, b, c, d] = [at(i - 1)[axis], at(i)[axis], at(i + 1)[axis], at(i + 2)[axis]];
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      };
      return [blend(0), blend(1)] as const;
    }),
  );
  return [...curve, points.at(-1)!];
}

/** Part of an ellipse, from one angle to another, in turns: 0 is to the right, 0.25 down. */
export function arc(x: number, y: number, rx: number, ry: number, from = 0, to = 1): Path {
  const steps = Math.max(6, Math.ceil(24 * Math.abs(to - from)));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / steps);
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)] as const;
  });
}
