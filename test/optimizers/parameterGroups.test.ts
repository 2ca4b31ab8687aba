import { describe, expect, test } from 'vitest';
import {
  AdamW,
  bertExclude,
  checkPartition,
  type DecayGroup,
  decayGroups,
  decayGroupsByDimension,
  decayGroupsByName,
  describeGroups,
} from '../../optimizers/index.ts';
import { Module } from '../../src/nn/module.ts';
import { Parameter, type Role } from '../../src/nn/parameter.ts';
import { type Shape, zeros } from '../../src/tensor/index.ts';

const make = (role: Role, ...shape: number[]) => new Parameter(zeros(shape as Shape), { role });

class Affine extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  constructor(from: number, to: number, weight = make('weight', to, from)) {
    super();
    this.weight = weight;
    this.bias = make('bias', to);
  }
}

class Norm extends Module {
  readonly gain = make('gain', 4);
  readonly bias = make('bias', 4);
}

class Table extends Module {
  readonly weight: Parameter;
  constructor(rows: number) {
    super();
    this.weight = make('embedding', rows, 4);
  }
}

class Block extends Module {
  readonly norm1 = new Norm();
  readonly attention = new Affine(4, 12);
  readonly norm2 = new Norm();
  readonly mlp = new Affine(4, 8);
}

/** The parameters of a Transformer, with the output layer tied to the token table. */
class Toy extends Module {
  readonly tokens = new Table(10);
  readonly positions = new Table(5);
  readonly blocks = [new Block(), new Block()];
  readonly finalNorm = new Norm();
  readonly head = new Affine(4, 10, this.tokens.weight);
}

const model = new Toy();
const names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
const namesOf = (groups: readonly DecayGroup[]) =>
  Object.fromEntries(
    groups.map(({ name, params }) => [name, params.map((parameter) => names.get(parameter))]),
  );

const matrices = [
  'blocks.0.attention.weight',
  'blocks.0.mlp.weight',
  'blocks.1.attention.weight',
  'blocks.1.mlp.weight',
];
const tables = ['tokens.weight', 'positions.weight'];

describe('the three rules', () => {
  const rules = [
    decayGroups(model, { weightDecay: 0.1 }),
    decayGroupsByName(model, { weightDecay: 0.1 }),
    decayGroupsByDimension(model, { weightDecay: 0.1 }),
  ];

  test('agree on a Transformer: matrices and tables decay, biases and gains do not', () => {
    for (const groups of rules) {
      const { decay, noDecay } = namesOf(groups);
      expect(decay).toEqual([...tables, ...matrices]);
      expect(noDecay).toHaveLength(2 * 6 + 2 + 1);
      expect(noDecay!.every((name) => /\.(bias|gain)$/.test(name!))).toBe(true);
      expect(groups.map(({ weightDecay }) => weightDecay)).toEqual([0.1, 0]);
    }
  });

  test('make a partition in which the tied table counts once, and an optimizer', () => {
    for (const groups of rules) {
      const routed = groups.flatMap(({ params }) => params);
      expect(new Set(routed)).toEqual(new Set(model.parameters()));
      expect(routed).toHaveLength(model.parameters().length);
      const optimizer = new AdamW(groups, { lr: 1e-3 });
      expect(optimizer.groups.map(({ name, weightDecay }) => [name, weightDecay])).toEqual([
        ['decay', 0.1],
        ['noDecay', 0],
      ]);
    }
  });

  test('take a shared parameter once even if the model lists it twice', () => {
    const shared = make('weight', 2, 2);
    const listing = {
      namedParameters: (): [string, Parameter][] => [
        ['a.weight', shared],
        ['b.weight', shared],
      ],
    };
    expect(decayGroups(listing, { weightDecay: 1 }).map(({ params }) => params.length)).toEqual([1, 0]);
  });

  test('differ on what they cannot see', () => {
    class Odd extends Module {
      readonly scale = make('weight', 4);
      readonly pairBias = make('bias', 4, 4);
      readonly shift = make('bias', 4);
    }
    const odd = new Odd();
    const decayed = ([group]: readonly DecayGroup[]) =>
      odd.namedParameters().flatMap(([name, parameter]) => (group!.params.includes(parameter) ? [name] : []));
    expect(decayed(decayGroups(odd, { weightDecay: 1 }))).toEqual(['scale']);
    expect(decayed(decayGroupsByName(odd, { weightDecay: 1 }))).toEqual(['scale', 'pairBias', 'shift']);
    expect(decayed(decayGroupsByName(odd, { weightDecay: 1, exclude: [/bias|shift/i] }))).toEqual(['scale']);
    expect(decayed(decayGroupsByDimension(odd, { weightDecay: 1 }))).toEqual(['pairBias']);
  });
});

test('embeddings are a choice of the rule by role', () => {
  const { decay, noDecay } = namesOf(decayGroups(model, { weightDecay: 0.1, embeddings: false }));
  expect(decay).toEqual(matrices);
  expect(noDecay).toEqual(expect.arrayContaining(tables));
});

test("BERT's patterns alone are made for BERT's names", () => {
  const layer = 'attention/output/LayerNorm';
  const listed = [`${layer}/gamma`, `${layer}/beta`, 'dense/bias', 'dense/kernel', 'norm.gain'].map(
    (name): [string, Parameter] => [name, make('weight', 1)],
  );
  const listing = { namedParameters: () => listed };
  const counts = (exclude?: readonly string[]) =>
    decayGroupsByName(listing, { weightDecay: 0.01, ...(exclude && { exclude }) }).map(
      ({ params }) => params.length,
    );
  expect(counts(bertExclude)).toEqual([2, 3]);
  expect(counts()).toEqual([1, 4]);
});

test('describeGroups counts', () => {
  expect(describeGroups(decayGroups(model, { weightDecay: 0.1 }))).toBe(
    'decay: 6 tensors, 220 parameters (weight decay 0.1)\nno decay: 15 tensors, 90 parameters',
  );
  expect(describeGroups([{ params: [make('weight', 40, 50)] }])).toBe('group 0: 1 tensor, 2,000 parameters');
});

describe('errors', () => {
  test('a role that no rule knows', () => {
    const listing = { namedParameters: (): [string, Parameter][] => [['a.scale', make('gains' as Role, 1)]] };
    expect(() => decayGroups(listing, { weightDecay: 1 })).toThrow(
      'decayGroups: every role is routed. got a.scale with role "gains". did you mean "gain"?',
    );
  });

  test('options', () => {
    expect(() => decayGroups(model, {} as never)).toThrow('decayGroups: weightDecay is given. got nothing.');
    expect(() => decayGroupsByDimension(model, { weightDecay: -1 })).toThrow('got -1.');
    expect(() => decayGroupsByName(model, { weightDecay: 1, excluded: [] } as never)).toThrow(
      'did you mean "exclude"?',
    );
  });

  test('groups by hand that are no partition', () => {
    const [first, second, ...rest] = model.parameters() as [Parameter, Parameter, ...Parameter[]];
    expect(() => checkPartition(model, [{ params: [first, second] }, { params: rest }])).not.toThrow();
    expect(() =>
      checkPartition(model, [{ params: [second] }, { params: [second, ...rest, make('bias', 1)] }]),
    ).toThrow('in none: tokens.weight; more than once: positions.weight; not of the model: 1.');
  });
});
