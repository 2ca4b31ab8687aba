import { readFileSync } from 'node:fs';
import { root } from '../support/root.ts';

/**
 * What can be written into the blanks of the course: for each lesson the right thing, and things that are nearly
 * right, each with what its check then says.
 */
export interface Fillings {
  /** Code for the blanks, in their order. Where it has a `return` of its own, it replaces the whole line. */
  readonly right: readonly string[];
  /** What is wrong → the code that is, for the blanks that it names by their index, and the message. */
  readonly wrong: Readonly<Record<string, readonly [code: Readonly<Record<number, string>>, says: RegExp]>>;
}

const layerNormGrad = (dx: string, dgain = 'dy.mul(xhat).sum(0)') => `const g = dy.mul(gain);
    return [${dx}, ${dgain}, dy.sum(0)];`;

const attended = (scores: string, after = '') => `const scores = ${scores};
  return scores.softmax()${after}.matmul(v);`;

const adamW = ({ gradient = 'g[i]!', mhat = 'm[i]! / (1 - beta1 ** step)', vhat = 'v[i]! / (1 - beta2 ** step)', decay = ' + weightDecay * w[i]!' } = {}) => `
      const gradient = ${gradient};
      m[i] = beta1 * m[i]! + (1 - beta1) * gradient;
      v[i] = beta2 * v[i]! + (1 - beta2) * gradient ** 2;
      w[i]! -= lr * (${mhat} / (Math.sqrt(${vhat}) + eps)${decay})`; // biome-ignore format: what varies, in one line

const loop = (...lines: string[]) => `const { inputs, targets } = nextBatch();
    ${lines.join(';\n    ')}`;
const [rate, zero, loss, note, back, clip, step] = [
  'optimizer.lr = schedule(step)',
  'optimizer.zeroGrad()',
  'const loss = model.loss(inputs, targets)',
  'losses.push(loss.item())',
  'loss.backward()',
  'clipGradNorm(model.parameters(), clip)',
  'optimizer.step()',
] as const;

const distribution = ({ by = '/ temperature', cut = 'reached >= topP', between = '' } = {}) => `
  const greatest = Math.max(...logits);
  const p = Float64Array.from(logits, (x) => Math.exp((x - greatest) ${by}));
  const order = [...p.keys()].sort((i, j) => p[j]! - p[i]!);
  for (const i of order.slice(Math.min(topK, p.length))) p[i] = 0;
  ${between}
  const total = p.reduce((sum, x) => sum + x, 0);
  let reached = 0;
  for (const i of order) {
    const share = p[i]! / total;
    if (${cut}) p[i] = 0;
    reached += share;
  }
  const rest = p.reduce((sum, x) => sum + x, 0);
  return p.map((x) => x / rest);`;
const draw = `let left = random();
  for (let i = 0; i < probabilities.length; i++) {
    left -= probabilities[i]!;
    if (left < 0) return i;
  }
  return probabilities.length - 1;`;

const blocks = (edge: string, block = 4) => `
  for (let i0 = 0; i0 < m; i0 += ${block})
    for (let j0 = 0; j0 < n; j0 += ${block}) {
      const [sums, row] = [new Float64Array(${block * block}), new Float64Array(${block})];
      for (let p = 0; p < k; p++) {
        for (let s = 0; s < ${block}; s++) row[s] = j0 + s < n ? b[p * n + j0 + s]! : 0;
        for (let r = 0; r < ${block} && i0 + r < m; r++) {
          const x = a[(i0 + r) * k + p]!;
          for (let s = 0; s < ${block}; s++) sums[r * ${block} + s]! += x * row[s]!;
        }
      }
      for (let r = 0; r < ${block} && i0 + r < m; r++)
        for (let s = 0; s < ${block}${edge}; s++) c[(i0 + r) * n + j0 + s] = sums[r * ${block} + s]!;
    }`;

export const fillings: Readonly<Record<string, Fillings>> = {
  '01': {
    right: ['(f(x + eps) - f(x - eps)) / (2 * eps)', '[dy.mul(x).mul(2)]'],
    wrong: {
      'a difference to one side': [{ 0: '(f(x + eps) - f(x)) / eps' }, /ask f on both sides of x/],
      'the distance taken once': [{ 0: '(f(x + eps) - f(x - eps)) / eps' }, /divide .* by the distance/],
      'no chain rule': [{ 1: '[x.mul(2)]' }, /the gradient of x: .*chain rule: dx = dy · 2x/],
    },
  },
  '02': {
    right: [
      `let sum = gradient;
  while (sum.rank > shape.length) sum = sum.sum(0);
  shape.forEach((length, axis) => {
    if (length === 1 && sum.shape[axis] !== 1) sum = sum.sum(axis, { keepDims: true });
  });
  return sum;`,
    ],
    wrong: {
      'a mean': [
        { 0: 'gradient.rank > shape.length ? gradient.mean(0) : gradient' },
        /unbroadcast of \(4, 3\) to \(3\): .* got 1\.\d*\. .* the sum over the rows, not their mean/,
      ],
      'new axes alone': [
        { 0: 'let sum = gradient; while (sum.rank > shape.length) sum = sum.sum(0); return sum' },
        /to \(2, 1, 3\): its shape is \(2, 1, 3\)\. got \(2, 4, 3\)/,
      ],
      'axes that go': [
        {
          0: `let sum = gradient;
  while (sum.rank > shape.length) sum = sum.sum(0);
  for (const axis of [...shape.keys()].reverse()) if (shape[axis] === 1) sum = sum.sum(axis);
  return sum;`,
        },
        /got \(2, 3\)\. .*keepDims/,
      ],
    },
  },
  '03': {
    right: ['[product(dy, b.transpose()), product(a.transpose(), dy)]'],
    wrong: {
      'no transposes': [{ 0: '[product(dy, b), product(a, dy)]' }, /\(2, 5\), A \(2, 3\), B \(3, 5\)/],
      'gradients exchanged': [
        { 0: '[product(a.transpose(), dy), product(dy, b.transpose())]' },
        /the gradient of A: .* got \(3, 5\)\. dY is/,
      ],
      'the gradient of A without dY': [
        { 0: '[product(dy.mul(0).add(1), b.transpose()), product(a.transpose(), dy)]' },
        /the gradient of A: it is the derivative of the value\. got/,
      ],
    },
  },
  '04': {
    right: [
      `const exps = logits.sub(logits.max(-1, { keepDims: true })).exp();
    const p = exps.div(exps.sum(-1, { keepDims: true }));
    return { output: p.mul(target).sum(-1).log().neg().mean(), saved: { p, target } };`,
      '[p.sub(target).mul(dy).div(p.shape[0]!), null]',
    ],
    wrong: {
      'no greatest score subtracted': [
        {
          0: `const p = logits.exp().div(logits.exp().sum(-1, { keepDims: true }));
    return { output: p.mul(target).sum(-1).log().neg().mean(), saved: { p, target } };`,
        },
        /got NaN\. exp\(2000\) is Infinity/,
      ],
      'a sum in place of a mean': [
        { 1: '[p.sub(target).mul(dy), null]' },
        /the gradient of logits: .* \/ N · dy: N, because the loss is a mean/,
      ],
      'the target forgotten': [{ 1: '[p.mul(dy).div(p.shape[0]!), null]' }, /\(p − onehot\(y\)\)/],
    },
  },
  '05': {
    right: [
      'x * normalCdfOf(x)',
      'normalCdfOf(x) + x * normalDensityOf(x)',
      'x * sigmoid(x)',
      'sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))',
    ],
    wrong: {
      'the gate alone': [{ 0: 'normalCdfOf(x)' }, /GELU at -1\.5: .*x·Φ\(x\)/],
      'the sigmoid formula': [{ 0: 'x * sigmoid(1.702 * x)' }, /GELU: number .*here Φ is exact/],
      'a product rule of one term': [{ 1: 'normalCdfOf(x)' }, /the gradient of x \(GELU\): .*two terms/],
      'the derivative of the gate for SiLU': [
        { 3: 'sigmoid(x) * (1 - sigmoid(x))' },
        /the gradient of x \(SiLU\)/,
      ],
    },
  },
  '06': {
    right: [layerNormGrad('r.mul(g.sub(g.mean(-1, perRow)).sub(xhat.mul(g.mul(xhat).mean(-1, perRow))))')],
    wrong: {
      'the way through μ forgotten': [
        { 0: layerNormGrad('r.mul(g.sub(xhat.mul(g.mul(xhat).mean(-1, perRow))))') },
        /each row of it sums to 0.*the way through μ is missing/,
      ],
      'the way through σ forgotten': [
        { 0: layerNormGrad('r.mul(g.sub(g.mean(-1, perRow)))') },
        /the gradient of x: .*three ways lead to x/,
      ],
      'the gradient of the gain not summed': [
        { 0: layerNormGrad('r.mul(g)', 'dy.mul(xhat).mean(0)') },
        /the gradient of gain: .*the sum of dy ⊙ x̂ over the rows/,
      ],
    },
  },
  '07': {
    right: [attended('q.matmul(k.transpose()).div(Math.sqrt(D)).add(causalMask(T, q))')],
    wrong: {
      'scores not scaled': [
        { 0: attended('q.matmul(k.transpose()).add(causalMask(T, q))') },
        /the scores are q·kᵀ\/√D/,
      ],
      'no mask': [
        { 0: attended('q.matmul(k.transpose()).div(Math.sqrt(D))') },
        /attention of the first 4 of 5: .*reaches the queries before it/,
      ],
      'a mask after the softmax': [
        { 0: attended('q.matmul(k.transpose()).div(Math.sqrt(D))', '.mul(causalMask(T, q).exp())') },
        /the weights of a query are ≥ 0 and sum to 1/,
      ],
    },
  },
  '08': {
    right: [
      `const attended = x.add(attention.forward(norm1.forward(x)));
    return attended.add(feedForward.forward(norm2.forward(attended)));`,
    ],
    wrong: {
      'a norm after the addition': [
        {
          0: `const attended = norm1.forward(x.add(attention.forward(x)));
    return norm2.forward(attended.add(feedForward.forward(attended)));`,
        },
        /y = x: x itself is added, without a norm/,
      ],
      'no residual connection': [
        { 0: 'feedForward.forward(norm2.forward(attention.forward(norm1.forward(x))))' },
        /the block: number 0 .* got 0\.00000.*x itself is added/,
      ],
      'branches side by side': [
        { 0: 'x.add(attention.forward(norm1.forward(x))).add(feedForward.forward(norm2.forward(x)))' },
        /the second branch takes norm2 of x \+ attention/,
      ],
    },
  },
  '09': {
    right: [adamW(), "parameter.role === 'weight' || parameter.role === 'embedding'"],
    wrong: {
      'decay in the gradient': [
        { 0: adamW({ gradient: 'g[i]! + weightDecay * w[i]!', decay: '' }) },
        /what decay takes off .*the decay is not a part of g/,
      ],
      'no bias correction': [
        { 0: adamW({ mhat: 'm[i]!', vhat: 'v[i]!' }) },
        /w after one step with gradient 0\.001: .* got 0\.68\d+\. m̂ = m\/\(1 − β₁ᵗ\)/,
      ],
      'gains decay': [{ 1: "parameter.role !== 'bias'" }, /the role gain is exempt\. got true\. a bias only shifts/],
      'embeddings do not decay': [{ 1: "parameter.role === 'weight'" }, /the role embedding decays\. got false/],
    },
  },
  '10': {
    right: [loop(rate, zero, loss, note, back, clip, step)],
    wrong: {
      'gradients that add up': [{ 0: loop(rate, loss, note, back, clip, step) }, /zeroGrad\(\) before it/],
      'a step before backward': [{ 0: loop(rate, zero, loss, note, step, back, clip) }, /backward\(\) before step\(\)/],
      'clipping after the step': [
        { 0: loop(rate, zero, loss, note, back, step, clip) },
        /clipped at 2\.5: number 2 of 4 is -2\.50000\. got -3\.00000/,
      ],
      'the rate of the step before': [{ 0: loop(zero, loss, note, back, clip, step, rate) }, /lr at step\(\): number 0/],
    },
  },
  '11': {
    right: [distribution(), draw],
    wrong: {
      'a temperature that multiplies': [{ 0: distribution({ by: '* temperature' }) }, /at temperature 0\.5: number 0/],
      'a nucleus that stays below p': [
        { 0: distribution({ cut: 'reached + share > topP' }) },
        /the token that reaches p stays/,
      ],
      'the most probable one drawn always': [
        { 1: 'probabilities.indexOf(Math.max(...probabilities))' },
        /the shares of 20,000 draws: number 0 of 4 is 0\.5/,
      ],
    },
  },
  '12': {
    right: [blocks(' && j0 + s < n')],
    wrong: {
      'blocks that reach over the edge': [{ 0: blocks('') }, /C with m 1, n 1|C with m 5, n 7.*at the edge/],
      'blocks of 1 by 1': [{ 0: blocks(' && j0 + s < n', 1) }, /at most 1536 loads\. got 4608 loads/],
    },
  },
}; // biome-ignore format: code in code

/** A blank as it stands: `return blank(…);`, `blank(…);` or an expression. */
const place = /(return )?blank\((?:'[^']*'|\([^()]*\)|[^()'])*\)(;?)/g;

/** The file of the lesson of this name, with code in its blanks, of which there are as many. */
export function fill(name: string, codes: readonly string[]): string {
  const blank = readFileSync(`${root}examples/learn/blanks/${name}.ts`, 'utf8');
  const places = blank.match(place)!.length;
  if (places !== codes.length)
    throw new Error(`${name} has ${places} blanks, and there are ${codes.length} codes`);
  let i = 0;
  return blank.replace(place, (_, returns = '', end = '') => {
    const code = codes[i++]!;
    return /\breturn\b|^\n/.test(code) ? code : `${returns}${code}${end}`;
  });
}
