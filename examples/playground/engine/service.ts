/** What a page asks of its worker: each method is one kind of question, with plain data in and out. */
import { backendInUse, check, prepareBackend, randomStream } from 'scratchformer';
import type { Batch } from 'scratchformer/data';
import type { ActivationName } from 'scratchformer/nn';
import { type BenchSettings, benchNames, gateCurve, gateDots, namedCurve, trainBench } from './bench.ts';
import { type Explanation, explain, explainSummand, type Place } from './explain/index.ts';
import type { Picture } from './picture.ts';
import type { Run } from './run.ts';
import { Session, type Step } from './session.ts';
import { takePicture } from './takePicture.ts';
import type { Sample } from './tasks/index.ts';
import { oneUpdate, type Update } from './update.ts';

/** What is known of a run before its first step. */
export interface About {
  readonly parameters: number;
  readonly guessing: number;
  readonly exact: number | null;
  readonly backend: string;
}

/** What a worker tells without being asked. */
export type News =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'samples'; readonly step: number; readonly samples: readonly Sample[] };

/** Steps between two samples. */
export const SAMPLE_EVERY = 50;

/** Milliseconds between two reports of steps: a page need not hear of each one by itself. */
const REPORT_EVERY = 60;

export class Service {
  readonly #tell: (news: News) => void;
  #ready: Promise<unknown> | null = null;
  #session: Session | null = null;
  #example: Batch | null = null;
  #picture: Picture | null = null;
  #steps: Step[] = [];
  #told = 0;

  constructor(tell: (news: News) => void) {
    this.#tell = tell;
  }

  /** Begins a run, in place of any other. Runs begin in the order in which they are asked for. */
  async start(run: Run): Promise<About> {
    this.#ready ??= prepareBackend(); // one promise for all, which keeps their order
    await this.#ready;
    this.#session?.end();
    this.#steps = [];
    const session = new Session(run, (step) => this.#hear(session, step));
    this.#session = session;
    this.#example = null;
    this.#picture = null;
    const { guessing, exact } = session.task;
    const parameters = session.model.parameters().reduce((sum, { size }) => sum + size, 0);
    return { parameters, guessing, exact, backend: `${backendInUse().name}, ${backendInUse().why}` };
  }

  /** Trains for so many steps, or until `pause`; tells where it rests. */
  async advance(steps: number): Promise<{ step: number; finished: boolean }> {
    const session = this.#current;
    await session.advance(steps);
    if (session === this.#session) this.#report();
    return { step: session.step, finished: session.finished };
  }

  async pause(): Promise<void> {
    this.#current.pause();
  }

  /** Trains one step and tells all about it. */
  async update(): Promise<Update[]> {
    const updates = await oneUpdate(this.#current);
    this.#report();
    return updates;
  }

  /** One example forward and backward; another one than before if `other`. */
  async look(other: boolean): Promise<Picture> {
    const { task, model } = this.#current;
    if (other || this.#example === null) this.#example = task.nextBatch(1, randomStream('example'));
    this.#picture = takePicture(model, this.#example, task.vocabulary);
    return this.#picture;
  }

  /** Where a number of the last picture comes from, and what each use of it hands back to its gradient. */
  async explain(place: Place): Promise<{ whole: Explanation | null; uses: (Explanation | null)[] }> {
    const picture = this.#picture;
    check(picture !== null, 'explain', 'a picture has been taken', () => 'none');
    const uses = place.gradient ? picture.tensors[place.tensor]!.summands : [];
    return {
      whole: explain(picture, place),
      uses: uses.map((_, use) => explainSummand(picture, place.tensor, use, place.index)),
    };
  }

  /** Sets one number of a parameter. */
  async edit(name: string, index: number, value: number): Promise<void> {
    const parameter = new Map(this.#current.model.namedParameters()).get(name);
    check(parameter !== undefined, 'edit', 'there is a parameter of that name', () => name);
    const inside = Number.isInteger(index) && index >= 0 && index < parameter.size;
    check(inside, 'edit', `the index lies in [0, ${parameter.size})`, () => `${index}`);
    check(Number.isFinite(value), 'edit', 'the value is a finite number', () => `${value}`);
    parameter.data[index] = value;
    parameter.storage.version++;
  }

  /** The activations that have a curve. */
  async benchNames(): Promise<readonly ActivationName[]> {
    return benchNames;
  }

  /** The curves of activations by name, of gates by their width, and dots of the stochastic gate. */
  async curves(names: readonly ActivationName[], sigmas: readonly number[], dots: number, seed: number) {
    await prepareBackend();
    return { named: names.map(namedCurve), gates: sigmas.map(gateCurve), dots: gateDots(dots, seed) };
  }

  /** Trains a small net with one activation; see bench.ts. */
  async bench(settings: BenchSettings): Promise<ReturnType<typeof trainBench>> {
    await prepareBackend();
    return trainBench(settings);
  }

  get #current(): Session {
    check(this.#session !== null, 'playground', 'a run has been started', () => 'none');
    return this.#session;
  }

  #hear(session: Session, step: Step): void {
    if (session !== this.#session) return;
    this.#steps.push(step);
    if (performance.now() - this.#told > REPORT_EVERY) this.#report();
    if (step.step % SAMPLE_EVERY === 0 || session.finished)
      this.#tell({ kind: 'samples', step: step.step, samples: session.task.write(session.model) });
  }

  #report(): void {
    if (this.#steps.length > 0) this.#tell({ kind: 'steps', steps: this.#steps });
    this.#steps = [];
    this.#told = performance.now();
  }
}
