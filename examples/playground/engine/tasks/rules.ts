import type { RandomStream } from 'scratchformer';
import { randomBelow } from 'scratchformer/tensor';
import type { Rule } from './ruleTask.ts';

const digits = [...'0123456789'];
const drawn = (length: number, below: number) => (random: RandomStream) =>
  Array.from({ length }, () => randomBelow(below, random));

/** Eight digits, then the same in order. */
export const sort: Rule = { vocabulary: digits, ask: drawn(8, 10), answer: (asked) => asked.toSorted() };

/** Eight letters, then the same again. */
export const copy: Rule = { vocabulary: [...'abcdefgh'], ask: drawn(8, 8), answer: (asked) => [...asked] };

/** Two numbers of two digits, then the sum, its last digit first: the order in which carries are known. */
export const add: Rule = {
  vocabulary: digits,
  ask: drawn(4, 10),
  answer([a, b, c, d]) {
    const sum = 10 * a! + b! + 10 * c! + d!;
    return [sum % 10, Math.floor(sum / 10) % 10, Math.floor(sum / 100)];
  },
  show: (text) => `${text.slice(0, 2)} + ${text.slice(2)} = (last digit first)`,
};

/** Ten bits, then for each of them whether the ones so far are odd in number: the last is the parity. */
export const parity: Rule = {
  vocabulary: ['0', '1'],
  ask: drawn(10, 2),
  answer(asked) {
    let odd = 0;
    return asked.map((bit) => {
      odd ^= bit;
      return odd;
    });
  },
};
