/** A run: everything that decides its numbers, as one plain object. The form and the link are made of `fields`. */
import { check } from 'scratchformer';
import { type ActivationName, activationNames } from 'scratchformer/nn';
import { optimizerNames } from './optimizers.ts';
import { taskNames } from './tasks/index.ts';

export type Value = string | number | boolean;

/** One setting of a run. */
export interface Field<T extends Value = Value> {
  readonly label: string;
  /** Part of the form in which it stands. */
  readonly part: 'task' | 'model' | 'training';
  readonly initial: T;
  /** What there is to choose from; without it, any whole number or any text. */
  readonly choices?: readonly T[];
  /** The most characters of a text. */
  readonly most?: number;
}

const choice = <const T extends Value>(
  part: Field['part'],
  label: string,
  initial: NoInfer<T>,
  choices: readonly T[],
): Field<T> => ({ part, label, initial, choices });

/** Long enough to learn from, short enough for a link. */
const LONGEST_TEXT = 4000;

const rhyme =
  'the cat sat on the mat. the rat sat on the cat. the bat sat on the rat. so the mat had a cat, a rat and a bat. ';

export const fields = {
  task: choice('task', 'task', 'sort', taskNames),
  text: { part: 'task', label: 'your text', initial: rhyme, most: LONGEST_TEXT } as Field<string>,
  context: choice('task', 'context', 64, [16, 32, 64, 128]),
  layers: choice('model', 'layers', 2, [1, 2, 3, 4, 6]),
  heads: choice('model', 'heads', 4, [1, 2, 4, 8]),
  width: choice('model', 'width', 32, [16, 32, 48, 64, 96, 128]),
  activation: choice<ActivationName>('model', 'activation', 'gelu', activationNames()),
  norm: choice('model', 'norm', 'layerNorm', ['layerNorm', 'rmsNorm']),
  normPosition: choice('model', 'place of norms', 'pre', ['pre', 'post']),
  positions: choice('model', 'positions', 'learned', ['learned', 'sinusoidal', 'rotary', 'alibi']),
  tiedHead: choice('model', 'tied head', true, [true, false]),
  optimizer: choice('training', 'optimizer', 'adamW', optimizerNames),
  lr: choice('training', 'learning rate', 0.004, [0.0001, 0.0003, 0.001, 0.002, 0.004, 0.01, 0.03, 0.1]),
  weightDecay: choice('training', 'weight decay', 0.1, [0, 0.01, 0.1, 0.3, 1]),
  batchSize: choice('training', 'batch size', 16, [1, 4, 8, 16, 32, 64]),
  steps: choice('training', 'steps', 2000, [100, 500, 1000, 2000, 5000, 10000]),
  seed: { part: 'training', label: 'seed', initial: 1 } as Field<number>,
};

type Fields = typeof fields;
export type Name = keyof Fields;
export type Run = { readonly [K in Name]: Fields[K] extends Field<infer T> ? T : never };

export const names = Object.keys(fields) as Name[];
const anyField = (name: Name): Field => fields[name];

/** The run that a page opens with: a Transformer learns to sort. */
export const initialRun = Object.fromEntries(names.map((name) => [name, fields[name].initial])) as Run;

/** The fields that matter for a task: only one's own text is typed, only texts have a context. */
export function isUsed(name: Name, { task }: Pick<Run, 'task'>): boolean {
  if (name === 'text') return task === 'own text';
  if (name === 'context') return task === 'own text' || task === 'stories';
  return true;
}

/** A value as the link has it, of the field's type; what a field cannot have is an error that says what it can. */
export function parseValue(name: Name, text: string): Value {
  const { choices, initial, most = Number.POSITIVE_INFINITY } = anyField(name);
  if (choices) {
    const found = choices.find((value) => String(value) === text);
    check(found !== undefined, name, `it is one of ${choices.join(', ')}`, () => `"${text}"`);
    return found as Value;
  }
  if (typeof initial === 'number') {
    const isWhole = /^\d{1,9}$/.test(text);
    check(isWhole, name, 'it is a whole number of at most nine digits', () => `"${text}"`);
    return Number(text);
  }
  check(
    text.length >= 2 && text.length <= most,
    name,
    `it has 2 to ${most} characters`,
    () => `${text.length}`,
  );
  return text;
}
