/** @typedef {{ x: number[], y: number[] }} Points numbers over steps, in order */
/** @typedef {{ name: string, heads: string[] }} AttentionLayer */
/** @typedef {{ tokens: string[], layers: AttentionLayer[] }} Attention */
/** @typedef {{ steps?: number, tokensPerStep?: number, parameters?: number, entropy?: number, data?: string }} About */

/** What is known of one run: numbers by name, and what else is in its files. */
export class Run {
  shown = true;

  /**
   * @param {string} name
   * @param {number} index its place among the runs, which gives its colour
   */
  constructor(name, index) {
    this.name = name;
    this.index = index;
    this.metrics = new Lines();
    this.watch = new Lines();
  }

  /** @returns {About} */
  get about() {
    return /** @type {About} */ (this.watch.others.get('about')?.at(-1)?.value ?? {});
  }

  /** @returns {number} */
  get step() {
    return Math.max(0, this.points('loss').x.at(-1) ?? 0);
  }

  /** The lowest loss that there is for any model. */
  get bound() {
    return this.about.entropy ?? this.metrics.numbers.get('entropy')?.y.at(-1);
  }

  /**
   * @param {string} name
   * @returns {Points}
   */
  points(name) {
    return this.metrics.numbers.get(name) ?? this.watch.numbers.get(name) ?? { x: [], y: [] };
  }

  /**
   * The numbers of each layer.
   *
   * @param {string} name
   * @returns {[layer: string, points: Points][]}
   */
  layered(name) {
    const all = [...this.watch.numbers].filter(([key]) => key.startsWith(`${name}/`));
    return all.map(([key, points]) => [key.slice(name.length + 1), points]);
  }
}

/** The lines of one file, by what is in them. */
export class Lines {
  /** @type {Map<string, Points>} */
  numbers = new Map();
  /** @type {Map<string, { step: number, value: unknown }[]>} */
  others = new Map();

  /** @param {readonly unknown[]} lines */
  add(lines) {
    for (const line of lines) {
      const { step, ...values } = /** @type {Record<string, unknown>} */ (line ?? {});
      if (typeof step !== 'number') continue;
      for (const [name, value] of Object.entries(values)) this.#put(step, name, value);
    }
  }

  clear() {
    this.numbers.clear();
    this.others.clear();
  }

  /**
   * @param {number} step
   * @param {string} name
   * @param {unknown} value
   */
  #put(step, name, value) {
    if (typeof value === 'number') {
      const points = this.numbers.get(name) ?? { x: [], y: [] };
      this.numbers.set(name, points);
      if (points.x.at(-1) === step) points.y[points.y.length - 1] = value;
      else if (step > (points.x.at(-1) ?? -1)) {
        points.x.push(step);
        points.y.push(value);
      }
    } else if (['gradientNorm', 'updateRatio'].includes(name)) {
      for (const [layer, number] of Object.entries(value ?? {})) this.#put(step, `${name}/${layer}`, number);
    } else {
      const others = this.others.get(name) ?? [];
      this.others.set(name, others);
      others.push({ step, value });
    }
  }
}

/**
 * The course of noisy points, twice an exponential moving average less that average's own: it does not lag
 * behind a straight descent. The memory grows with the points seen, because a loss falls fastest at first.
 *
 * @param {readonly number[]} y
 * @param {number} strength 0 for none, 1 for a memory of a thousand points
 * @returns {number[]}
 */
export function smoothed(y, strength) {
  const least = 10 ** (-3 * strength);
  let [once, twice] = [y[0] ?? 0, y[0] ?? 0];
  return y.map((value, i) => {
    const part = Math.max(least, 4 / (i + 4));
    once += part * (value - once);
    twice += part * (once - twice);
    return 2 * once - twice;
  });
}
