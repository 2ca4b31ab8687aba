/** The loss as it falls from guessing towards the exact bound. */
import type { About } from '../engine/service.ts';
import type { Step } from '../engine/session.ts';
import { Chart } from './chart.ts';
import { byId, short } from './dom.ts';

export class LossChart {
  readonly #chart = new Chart(byId('loss'), 'The loss over the steps');
  #about: About | null = null;
  #steps: number[] = [];
  #losses: number[] = [];
  #smooth: number[] = [];
  /** Moving averages, of the losses and of the first; 2·once − twice does not lag behind a straight descent. */
  #once = 0;
  #twice = 0;
  #asked = false;

  start(about: About): void {
    this.#about = about;
    [this.#steps, this.#losses, this.#smooth] = [[], [], []];
    Object.assign(byId('loss'), { losses: this.#losses }); // for whoever reads the page by a program
    this.#draw();
  }

  add(steps: readonly Step[]): void {
    for (const { step, loss } of steps) {
      const part = Math.max(0.04, 4 / (this.#steps.length + 4));
      if (this.#steps.length === 0) [this.#once, this.#twice] = [loss, loss];
      this.#once += part * (loss - this.#once);
      this.#twice += part * (this.#once - this.#twice);
      this.#smooth.push(2 * this.#once - this.#twice);
      this.#steps.push(step);
      this.#losses.push(loss);
    }
    this.#draw();
  }

  /** At most once in a frame. */
  #draw(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { guessing, exact } = this.#about!;
    const x = this.#steps.length > 1 ? this.#steps : [1, 2];
    const level = (value: number) => x.map(() => value);
    const none = x.map(() => null);
    const has = this.#steps.length > 1;
    this.#chart.draw(x, [
      { label: `guessing ${short(guessing)}`, colour: 'faded', y: level(guessing), dash: [6, 5], width: 1.5 },
      ...(exact === null
        ? []
        : [
            {
              label: `no model can do better than ${short(exact)}`,
              colour: 'good',
              y: level(exact),
              dash: [2, 4],
              width: 2,
            },
          ]),
      {
        label: 'each batch',
        colour: 'accent',
        y: has ? this.#losses : none,
        width: 1,
        alpha: 0.35,
        silent: true,
      },
      { label: 'loss', colour: 'accent', y: has ? this.#smooth : none, width: 2.5 },
    ]);
  }
}
