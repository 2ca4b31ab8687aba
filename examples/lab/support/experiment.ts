/** What an experiment of the lab is given, and what it finds. */
import { manualSeed } from 'scratchformer';

/** What every experiment is given. */
export interface Lab {
  /** A smoke run of seconds: everything happens, nothing is learned. */
  readonly quick: boolean;
  /** The seeds of runs that are repeated: 1 to 5, or 1 and 2 in a smoke run. */
  readonly seeds: readonly number[];
  /**
   * Runs every setting with every seed and collects what they return: results[setting] is a list, in the order of
   * the seeds. The settings take turns, so that a machine that slows down slows all of them down. Default: all seeds.
   */
  each<S, R>(
    settings: Readonly<Record<string, S>>,
    run: (setting: S, seed: number) => R | Promise<R>,
    seeds?: readonly number[],
  ): Promise<Record<string, R[]>>;
}

/** Numbers with names, as they stand in the JSON file. */
export type Findings =
  | number
  | string
  | boolean
  | null
  | readonly Findings[]
  | { readonly [name: string]: Findings };

/** What an experiment returns: `numbers` go to results/NN-name.json, `figure` to results/NN-name.svg. */
export interface Outcome {
  readonly numbers: { readonly [name: string]: Findings };
  /** The text of an SVG. */
  readonly figure: string;
}

/** An experiment: the default export of a file NN-name.ts. */
export type Experiment = (lab: Lab) => Outcome | Promise<Outcome>;

/** The lab of one experiment, which tells every ten seconds how far it is. */
export function openLab({ quick }: { readonly quick: boolean }): Lab {
  const all = quick ? [1, 2] : [1, 2, 3, 4, 5];
  return {
    quick,
    seeds: all,
    async each(settings, run, seeds = all) {
      const names = Object.keys(settings);
      const results = Object.fromEntries(
        names.map((name) => [name, [] as Awaited<ReturnType<typeof run>>[]]),
      );
      const tell = teller(names.length * seeds.length);
      for (const seed of seeds) {
        for (const name of names) {
          manualSeed(seed);
          results[name]!.push(await run(settings[name]!, seed));
          tell(name);
        }
      }
      return results as never;
    },
  };
}

/** Counts runs, and prints a line when ten seconds have passed since the last. */
function teller(total: number): (name: string) => void {
  const start = performance.now();
  let [done, last] = [0, start];
  return (name) => {
    done++;
    const now = performance.now();
    if (now - last < 10_000) return;
    last = now;
    const seconds = (now - start) / 1000;
    console.log(
      `   ${done} of ${total} runs (${name}), ${seconds.toFixed(0)} s, about ${((seconds / done) * (total - done)).toFixed(0)} s more`,
    );
  };
}
