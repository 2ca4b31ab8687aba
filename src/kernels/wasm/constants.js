// @ts-check
/**
 * Constant vectors, such as the coefficients of a polynomial, as variables that are loaded once in a function.
 * V8 rebuilds a constant vector at each use, of five instructions, also within loops; a variable it keeps in a
 * register or on the stack. GELU takes half the time.
 */
import binaryen from 'assemblyscript/binaryen';

/** A line: a vector of four equal lanes, but for 0, which takes one instruction anyway. */
const SPLAT = /v128\.const i32x4 (?!0x00000000)(0x[0-9a-f]{8}) \1 \1 \1$/gm;

/**
 * The binary of a module, given as text, in which the constants are loaded from a table in memory.
 *
 * @param {string} text
 * @param {number} address of the table, which the module fills when it starts
 * @returns {Uint8Array}
 */
export function constantsToMemory(text, address) {
  /** @type {string[]} */
  const table = [];
  const [head = '', ...functions] = text.split(/^(?= \(func )/m);
  const bodies = functions.map((body) => withVariables(body, table, address));
  const data = ` (data (i32.const ${address}) "${table.map(bytesOf).join('')}")\n`;
  const module = binaryen.parseText([head.replace('(module\n', `(module\n${data}`), ...bodies].join(''));
  module.setFeatures(binaryen.Features.All);
  const binary = module.emitBinary();
  module.dispose();
  return binary;
}

/**
 * @param {string} body text of a function
 * @param {string[]} table bits of the constants in memory, which grows
 * @param {number} address
 */
function withVariables(body, table, address) {
  const used = [...new Set([...body.matchAll(SPLAT)].map(([, bits = '']) => bits))];
  const declarations = used.map((bits) => `  (local $${bits} v128)\n`);
  const loads = used.map((bits) => {
    if (!table.includes(bits)) table.push(bits);
    return `  i32.const ${address + 4 * table.indexOf(bits)}\n  v128.load32_splat\n  local.set $${bits}\n`;
  });
  const lines = body.replace(SPLAT, 'local.get $$$1');
  const [signature = ''] = /^.*\n(?: {2}\(local .*\n)*/.exec(lines) ?? [];
  return signature + [...declarations, ...loads].join('') + lines.slice(signature.length);
}

/** The four bytes of 0x12345678 in a string of the text format: `\78\56\34\12`. */
function bytesOf(/** @type {string} */ bits) {
  const pairs = bits.slice(2).match(/../g) ?? [];
  return pairs
    .map((pair) => `\\${pair}`)
    .reverse()
    .join('');
}
