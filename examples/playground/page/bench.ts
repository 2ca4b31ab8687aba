/** The activation bench: curves and slopes, gates of any width, the gate as dots, and small nets side by side. */
import type { Curve } from '../engine/bench.ts';
import { Chart, type Line } from './chart.ts';
import { Client } from './client.ts';
import { element, short } from './dom.ts';

const SERIES = 6;
const STEPS = 400;

export class Bench {
  readonly #home: HTMLElement;
  /** A worker of its own, so that a run goes on as it was. */
  #client: Client | null = null;
  #chosen = ['gelu', 'relu', 'silu'] as string[];
  #sigma = 0.5;
  #seed = 1;
  #shown: ReturnType<typeof chartsOf> | null = null;
  readonly #chips = element('div.chips', { role: 'group', 'aria-label': 'Activations' });
  readonly #slider = element('input', { type: 'range', min: '0', max: '3', step: '0.05', value: '0.5' });
  readonly #train = element('button.primary', {}, 'Train a small net with each');

  constructor(home: HTMLElement) {
    this.#home = home;
  }

  show(): void {
    if (this.#client) return;
    this.#client = new Client();
    this.#shown = chartsOf(this.#home, this.#chips, this.#gateControls(), this.#train);
    this.#train.addEventListener('click', () => void this.#trainAll());
    void this.#client.ask('benchNames').then((names) => this.#makeChips(names));
    void this.#draw();
  }

  #gateControls(): HTMLElement {
    this.#slider.addEventListener('input', () => {
      this.#sigma = Number(this.#slider.value);
      void this.#draw();
    });
    const again = element('button', { onclick: () => this.#drawAgain() }, 'Draw again');
    return element('div.bar', {}, element('label', {}, 'its width σ', this.#slider), again);
  }

  #makeChips(names: readonly string[]): void {
    for (const name of names) {
      const chip = element('button', { 'aria-pressed': `${this.#chosen.includes(name)}` }, name);
      chip.addEventListener('click', () => {
        const has = this.#chosen.includes(name);
        if (!has && this.#chosen.length >= SERIES) return;
        this.#chosen = has ? this.#chosen.filter((one) => one !== name) : [...this.#chosen, name];
        chip.setAttribute('aria-pressed', `${!has}`);
        void this.#draw();
      });
      this.#chips.append(chip);
    }
  }

  #drawAgain(): void {
    this.#seed += 1;
    void this.#draw();
  }

  async #draw(): Promise<void> {
    const { named, gates, dots } = await this.#client!.ask(
      'curves',
      this.#chosen as never,
      [0, 1, this.#sigma],
      120,
      this.#seed,
    );
    const lines = (part: (curve: Curve) => readonly number[]): Line[] =>
      named.map((curve, i) => ({ label: this.#chosen[i]!, colour: `run-${i}`, y: part(curve) }));
    const x = gates[0]!.x;
    this.#shown!.curves.draw(
      x,
      lines(({ y }) => y),
    );
    this.#shown!.slopes.draw(
      x,
      lines(({ slope }) => slope),
    );
    const [relu, gelu, own] = gates.map(({ y }) => y) as [number[], number[], number[]];
    const onGrid = x.map((place) => nearest(dots, place));
    this.#shown!.gates.draw(x, [
      { label: 'one draw of the stochastic gate', colour: 'run-1', y: onGrid, dots: true },
      { label: 'σ = 0: ReLU', colour: 'faded', y: relu, dash: [5, 4], width: 1.5 },
      { label: 'σ = 1: GELU, its mean', colour: 'run-0', y: gelu },
      { label: `σ = ${short(this.#sigma)}`, colour: 'run-2', y: own },
    ]);
  }

  async #trainAll(): Promise<void> {
    this.#train.disabled = true;
    const chosen = [...this.#chosen];
    const losses: Line[] = [];
    const fits: Line[] = [];
    for (const [i, activation] of chosen.entries()) {
      this.#train.textContent = `Training ${activation} …`;
      const settings = { activation: activation as never, steps: STEPS, seed: this.#seed };
      const { losses: course, x, y, target } = await this.#client!.ask('bench', settings);
      const look = { label: activation, colour: `run-${i}` };
      losses.push({ ...look, y: course.map(Math.log10) });
      fits.push({ ...look, y });
      const steps = course.map((_, step) => step + 1);
      this.#shown!.losses.draw(steps, losses);
      this.#shown!.fits.draw(x, [
        { label: 'to be learnt', colour: 'faded', y: target, dash: [5, 4] },
        ...fits,
      ]);
    }
    this.#train.disabled = false;
    this.#train.textContent = 'Train again';
    this.#seed += 1;
  }
}

/** The dot that lies at a place, if there is one. */
function nearest({ x, y }: { x: readonly number[]; y: readonly number[] }, place: number): number | null {
  const at = x.findIndex((one) => Math.abs(one - place) < 0.026);
  return at < 0 ? null : y[at]!;
}

function chartsOf(home: HTMLElement, chips: HTMLElement, controls: HTMLElement, train: HTMLElement) {
  const card = (title: string, about: string, ...children: HTMLElement[]) => {
    const made = element(
      'section.card',
      {},
      element('h2', {}, title, ' ', element('small', {}, about)),
      ...children,
    );
    home.append(made);
    return made;
  };
  home.append(chips);
  const curves = new Chart(card('Curves', 'y = f(x)'), 'Curves of activations', [-1.5, 4]);
  const slopes = new Chart(card('Slopes', 'f′(x), by backward'), 'Slopes of activations', [-0.5, 1.5]);
  const gates = new Chart(
    card('The gate', 'x·Φ(x/σ): let through, or drop', controls),
    'Gates of several widths',
    [-1.5, 4],
  );
  const nets = card('Small nets', 'two hidden layers of 24, AdamW, 400 steps', train);
  nets.classList.add('wide');
  const row = element('div.columns');
  nets.append(row);
  const half = (name: string) =>
    new Chart(row.appendChild(element('div', {}, element('h3', {}, name))), name);
  const losses = half('log₁₀ of the losses, over the steps');
  const fits = half('What each net has learnt');
  return { curves, slopes, gates, losses, fits };
}
