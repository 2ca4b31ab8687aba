import type { Hook } from '../train/index.ts';
import type { Changes } from './config.ts';
import type { Progress } from './progress.ts';

/** What a run remembers of its course, as it stands in its checkpoints. */
export interface TrackState {
  /** The step with the lowest validation loss so far. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  /** Evaluations since then. */
  readonly worse: number;
  /** Steps that were skipped, of all and in a row up to now. */
  readonly skipped: number;
  readonly skippedInARow: number;
  /** The settings that the run went on with, from which step and which file, when it last left its course. */
  readonly changed?: { readonly step: number; readonly from: string } & Changes;
}

/** The course of a run: its best evaluation, and the steps that were skipped. */
export class Track {
  #state: TrackState = { best: null, worse: 0, skipped: 0, skippedInARow: 0 };

  get state(): TrackState {
    return this.#state;
  }

  /** Goes on from a saved state; a checkpoint of before there was one has none. */
  restore(state: Partial<TrackState> = {}): void {
    this.#state = { ...this.#state, ...state };
  }

  /** Takes note of a validation loss; one that is no number is never better. */
  evaluated(step: number, loss: number): void {
    const { best, worse } = this.#state;
    const better = loss < (best?.loss ?? Number.POSITIVE_INFINITY);
    this.restore(better ? { best: { step, loss }, worse: 0 } : { worse: worse + 1 });
  }

  /** Takes note of steps that are skipped, and says so. */
  skips({ print }: Progress): Hook {
    return ({ step, loss, gradientNorm, skipped, trainer }) => {
      this.restore({ skippedInARow: trainer.skipped });
      if (!skipped) return;
      this.restore({ skipped: this.#state.skipped + 1 });
      const why = Number.isFinite(loss)
        ? `the norm of its gradients is ${gradientNorm}`
        : `its loss is ${loss}`;
      print(`step ${step} is skipped: ${why} (${trainer.skipped} in a row, ${this.#state.skipped} in all)`);
    };
  }

  /** Whether so many evaluations, if any, have passed without a better loss. */
  isOver(patience: number): boolean {
    return patience > 0 && this.#state.worse >= patience;
  }
}
