import { afterEach, describe, expect, test } from 'vitest';
import { Captioner, type CaptionerOptions } from '../../models/captioner.ts';
import { FilmClassifier } from '../../models/filmClassifier.ts';
import { backward } from '../../src/autograd/index.ts';
import { add } from '../../src/ops/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Case {
  size: CaptionerOptions;
  films: NestedArray;
  words: NestedArray;
  targets: NestedArray;
  classes: NestedArray;
  parameters: Record<string, NestedArray>;
  logits: NestedArray;
  told: number;
  classified: number;
  gradients: Record<string, NestedArray>;
}

const cases = golden<Record<'image' | 'film', Case>>('captioner');
const ids = (values: NestedArray) => tensor(values, { dtype: 'int32' });

/**
 * The parameters of the captioner, and of the classifier's own layer, by the names that PyTorch's twin gives
 * them.
 */
function build({ size, parameters, classes }: Case) {
  const captioner = new Captioner(size);
  const classifier = new FilmClassifier(captioner.encoder, { classes: 5 });
  const named = [
    ...captioner.namedParameters(),
    ...classifier.output.namedParameters().map(([name, p]) => [`output.${name}`, p] as const),
  ];
  for (const [name, parameter] of named) parameter.data.set(tensor(parameters[name]!).data);
  return { captioner, classifier, named, classes: ids(classes) };
}

afterEach(() => setDefaultDtype('float32'));

describe.each(['image', 'film'] as const)('Captioner and FilmClassifier, %s', (kind) => {
  const one = cases[kind];

  test.each([
    ['float64', 1e-9],
    ['float32', 1e-5],
  ] as const)('in %s, logits, losses and every gradient are those of PyTorch', (dtype, tolerance) => {
    setDefaultDtype(dtype);
    const { captioner, classifier, named, classes } = build(one);
    const films = tensor(one.films);
    const batch = { films, words: ids(one.words) };
    expectClose(captioner.forward(batch), one.logits, tolerance, 'logits');
    const told = captioner.loss(batch, ids(one.targets));
    const classified = classifier.loss(films, classes);
    expectClose(told.item(), one.told, tolerance, 'loss of the words');
    expectClose(classified.item(), one.classified, tolerance, 'loss of the classes');
    backward(add(told, classified));
    expect(named.map(([name]) => name).sort()).toEqual(Object.keys(one.gradients).sort());
    for (const [name, { grad }] of named) expectClose(grad!, one.gradients[name]!, tolerance, name);
  });
});
