/** What the installed package says and does where memory, threads, its build or a library are lacking. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage } from '../support/builtPackage.ts';
import { type ProcessOptions, runNode } from '../support/runScript.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

let folder: string;
beforeAll(() => {
  folder = buildPackage();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the package, for a test to damage. */
function copy(): string {
  const other = temporaryFolder();
  cpSync(folder, other, { recursive: true, verbatimSymlinks: true });
  return other;
}

interface Options extends ProcessOptions {
  readonly flags?: readonly string[];
}

function script(source: string, { flags = [], ...options }: Options = {}) {
  return runNode([...flags, '--input-type=module', '-e', source], { cwd: folder, ...options });
}

function cli(args: readonly string[], { flags = [], ...options }: Options = {}) {
  return runNode([...flags, join(options.cwd ?? folder, 'src/cli/scratchformer.js'), ...args], options);
}

/** What a process uses for a product, given the numbers that prove it; without `code`, it went well. */
async function inUse(options: Options = {}) {
  const { code, output, errors } = await script(
    `import { backendInUse, matmul, tensor } from 'scratchformer';
    console.log(matmul(tensor([[1, 2]]), tensor([[3], [4]])).item(), JSON.stringify(backendInUse()));`,
    options,
  );
  if (code !== 0) return { code, error: errors.match(/^InvariantError: (.*)$/m)?.[1] ?? errors };
  const [product, ...rest] = output.split(' ');
  expect(product).toBe('11');
  return JSON.parse(rest.join(' '));
}

const js = { name: 'js', threads: 1 };
const plain = 'plain JavaScript; ';
const wasm = { SCRATCHFORMER_BACKEND: 'wasm' };
const noTrapHandler = ['--disable-wasm-trap-handler'];
/**
 * Kilobytes: enough for Node, and for a memory of 1 GiB. (V8 takes 8 GiB for any, unless the flag above tells
 * it to check bounds itself, as Node from 24 on does by itself where the address space is limited.)
 */
const addressSpace = 4_000_000;

/** Only Linux limits the address space, and says how much is left. */
describe.skipIf(process.platform !== 'linux')('with little address space', () => {
  const cause =
    'too little address space for its memory (raise ulimit -v, or try node --disable-wasm-trap-handler)';

  /** Kilobytes: enough for Node, and for nothing else. */
  const scarce = { addressSpace: 1_600_000 };

  test('the choice falls on js, and says why', async () => {
    expect(await inUse(scarce)).toEqual({ ...js, why: `${plain}wasm: ${cause}` });
    expect(await inUse({ ...scarce, env: { SCRATCHFORMER_BACKEND: 'js' } })).toMatchObject(js);
    const { code, output, errors } = await cli(['info'], scarce);
    expect({ code, output, errors }).toEqual({
      code: 0,
      output: `kernels: js (${plain}wasm: ${cause})`,
      errors: '',
    });
  });

  test('wasm, when asked for, is a clear error', async () => {
    const error = `useBackend: the backend wasm can be used. got wasm: ${cause}.`;
    expect(await inUse({ ...scarce, env: wasm })).toEqual({ code: 1, error });
    const { code, output, errors } = await cli(['info'], { ...scarce, env: wasm });
    expect({ code, output, errors }).toEqual({ code: 1, output: '', errors: `error: ${error}\n` });
  });

  test('a smaller memory is made where one fits, and its limit is what errors say', async () => {
    const { code, output } = await script(
      `import { backendInUse } from 'scratchformer';
      import { persistentZeros } from 'scratchformer/tensor';
      console.log(backendInUse().name, persistentZeros([2 ** 26]).size);
      try {
        persistentZeros([2 ** 28 - 1]);
      } catch (error) {
        console.log(error.message);
      }`,
      { addressSpace, flags: noTrapHandler, env: { ...wasm, SCRATCHFORMER_THREADS: '1' } },
    );
    expect(code).toBe(0);
    expect(output).toMatch(
      /^wasm 67108864\nkernel memory: everything that is alive fits in 1 GiB, .* asked for\./,
    );
  });

  test('no more threads are started than there is room for', async () => {
    const { code, output, errors } = await script(usingThreads, {
      addressSpace,
      flags: noTrapHandler,
      env: { ...wasm, SCRATCHFORMER_THREADS: '8' },
    });
    const warning =
      'kernel threads: not all 8 could be started (too little address space, see ulimit -v); fewer do the work.\n';
    expect({ code, output, errors }).toEqual({ code: 0, output: 'as on one thread', errors: warning });
  });
});

/** Products that are worth splitting, before and after the threads had time to start. */
const usingThreads = `
  import { setTimeout } from 'node:timers/promises';
  import { matmul, randn } from 'scratchformer';
  const [a, b] = [randn([64, 64]), randn([64, 64])];
  const first = matmul(a, b).toString();
  for (let i = 0; i < 20; i++) {
    await setTimeout(20);
    if (matmul(a, b).toString() !== first) throw new Error('other numbers');
  }
  console.log('as on one thread');`;

describe('without WebAssembly', () => {
  const flags = ['--jitless'];
  const cause = 'wasm: this engine has no WebAssembly (node --jitless)';

  test('the choice falls on js, and says why', async () => {
    expect(await inUse({ flags })).toEqual({ ...js, why: `${plain}${cause}` });
    expect(await inUse({ flags, env: { SCRATCHFORMER_BACKEND: 'js' } })).toMatchObject(js);
  });

  test('wasm, when asked for, is a clear error', async () => {
    const error = `useBackend: the backend wasm can be used. got ${cause}.`;
    expect(await inUse({ flags, env: wasm })).toEqual({ code: 1, error });
  });
});

describe('a build that is', () => {
  type Damage = (bytes: Buffer) => Uint8Array | null;
  /** The names of two exports, one in the place of the other. */
  const swap = (bytes: Buffer, a: string, b: string) => {
    const text = bytes
      .toString('latin1')
      .replace(new RegExp(`${a}|${b}`, 'g'), (name) => (name === a ? b : a));
    return Buffer.from(text, 'latin1');
  };
  const cases: [title: string, damage: Damage, cause: RegExp][] = [
    ['missing', () => null, /^its build is missing \(npm run build:wasm\)$/],
    ['cut off', (bytes) => bytes.subarray(0, 5000), /^its build \w+\.wasm is damaged .*\(npm run build:wasm\)$/],
    ['empty', () => new Uint8Array(), /^its build \w+\.wasm is damaged .*\(npm run build:wasm\)$/],
    ['not WebAssembly', () => Buffer.from('<html>'), /^its build \w+\.wasm is damaged .*\(npm run build:wasm\)$/],
    ['of a version that had nothing', () => Buffer.from('\0asm\x01\0\0\0'), /^its build is of another version, \w+ .*\(npm run build:wasm\)$/],
    ['of a version that lacks an export', (bytes) => swap(bytes, 'softmaxGrad', 'softmaxGrxd'), /version, softmaxGrad is/],
    ['of a version with other parameters', (bytes) => swap(bytes, 'sumRows', 'rmsNorm'), /version, (sumRows|rmsNorm) is/],
    ['of a version that lacks the slope of a formula', (bytes) => swap(bytes, 'geluWithSlope', 'geluWithSlxpe'), /version, geluWithSlope is/],
    ['of a version whose formulas have other parameters', (bytes) => swap(bytes, 'preluMap', 'mishCost'), /version, (preluMap|mishCost) is/],
  ]; // biome-ignore format: a table

  test.each(cases)('%s: js instead, a clear error if wasm was asked for', async (_, damage, cause) => {
    const cwd = copy();
    for (const build of ['plain', 'relaxed']) {
      const path = join(cwd, `dist/src/kernels/wasm/build/${build}.wasm`);
      const bytes = damage(readFileSync(path));
      if (bytes === null) rmSync(path);
      else writeFileSync(path, bytes);
    }
    const { why, ...chosen } = await inUse({ cwd });
    expect(chosen).toEqual(js);
    const reasons = why
      .slice(plain.length)
      .split('; ')
      .map((reason: string) => reason.replace(/^\w+: /, ''));
    for (const reason of reasons) expect(reason).toMatch(cause);
    const { code, error } = await inUse({ cwd, env: wasm });
    expect(code).toBe(1);
    expect(error).toContain(`useBackend: the backend wasm can be used. got wasm: ${reasons[0]}`);
  });
});

describe('threads that cannot be started', () => {
  const env = { ...wasm, SCRATCHFORMER_THREADS: '3' };

  test('because a file is missing, are done without', async () => {
    const cwd = copy();
    rmSync(join(cwd, 'dist/src/kernels/wasm/kernelThread.js'));
    const { code, output, errors } = await script(usingThreads, { cwd, env });
    expect({ code, output }).toEqual({ code: 0, output: 'as on one thread' });
    expect(errors).toMatch(
      /^kernel threads: not all 3 could be started \(.*kernelThread\.js.*\); fewer do the work\.\n$/s,
    );
  });

  test('because Node forbids them, are done without', async () => {
    const allowed = ['--permission', '--experimental-permission'].find((flag) =>
      process.allowedNodeEnvironmentFlags.has(flag),
    );
    const flags = [allowed!, '--allow-fs-read=*'];
    const { code, output, errors } = await script(usingThreads, { flags, env });
    expect({ code, output }).toEqual({ code: 0, output: 'as on one thread' });
    expect(errors).toMatch(
      /kernel threads: not all 3 could be started \(.*Access to this API has been restricted/,
    );
  });
});

describe('a koffi that', () => {
  const env = { SCRATCHFORMER_THREADS: '1' };

  /** The package with another koffi, whose functions do nothing. */
  function withKoffi(source: string): string {
    const cwd = copy();
    const path = join(cwd, 'node_modules/koffi');
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'package.json'), '{ "main": "index.cjs" }');
    writeFileSync(join(path, 'index.cjs'), source);
    return cwd;
  }

  test.each([
    [
      'does not load',
      'throw new Error("no build")',
      /^blas: the optional package koffi is missing or has no build for/,
    ],
    [
      'lacks a function',
      'exports.load = () => ({ func: () => () => {} })',
      /^blas: it does not start, koffi.address is/,
    ],
  ])('%s: wasm instead', async (_, source, cause) => {
    const { why, name } = await inUse({ cwd: withKoffi(source), env });
    expect(name).toBe('wasm');
    expect(why.split('; ')[1]).toMatch(cause);
  });

  test('multiplies wrongly is found out, and what was in use before goes on', async () => {
    const cwd = withKoffi('exports.load = () => ({ func: () => () => {} }); exports.address = () => 0n;');
    const { code, output } = await script(
      `import { backendInUse, matmul, tensor, useBackend } from 'scratchformer';
      const product = () => matmul(tensor([[1, 2]]), tensor([[3], [4]])).item();
      useBackend('wasm');
      try {
        useBackend('blas');
      } catch (error) {
        console.log(error.message);
      }
      console.log(backendInUse().name, product());`,
      { cwd, env },
    );
    const error = 'useBackend: the backend blas can be used. got blas: matmul failed its self-check.';
    expect({ code, output }).toEqual({ code: 0, output: `${error}\nwasm 11` });
  });
});

describe('the environment names', () => {
  const refused: [variable: string, value: string, message: string][] = [
    ['SCRATCHFORMER_BACKEND', 'gpu', 'the backend is known. got "gpu". known: auto, js, wasm, blas, webgpu.'],
    ['SCRATCHFORMER_THREADS', 'abc', 'threads is a whole number ≥ 1. got abc.'],
    ['SCRATCHFORMER_THREADS', '0', 'threads is a whole number ≥ 1. got 0.'],
    ['SCRATCHFORMER_THREADS', '1.5', 'threads is a whole number ≥ 1. got 1.5.'],
    ['SCRATCHFORMER_THREADS', '1e6', 'threads is at most 256. got 1e6.'],
  ];
  test.each(refused)('%s=%s: one line that says so, at the first use', async (variable, value, message) => {
    const env = { [variable]: value };
    const error = `${variable}: ${message}`;
    const { code, output, errors } = await cli(['info'], { env });
    expect({ code, output, errors }).toEqual({ code: 1, output: '', errors: `error: ${error}\n` });
    expect(await inUse({ env })).toEqual({ code: 1, error });
    expect(await cli(['--help'], { env })).toMatchObject({ code: 0, errors: '' });
  });

  test('what the flags of a command leave open', async () => {
    const infoOf = async (args: string[], env: Record<string, string>) =>
      (await cli(['info', ...args], { env })).output;
    expect(await infoOf(['--threads', '2'], { SCRATCHFORMER_BACKEND: 'js' })).toBe(
      'kernels: js (plain JavaScript)',
    );
    expect(await infoOf(['--backend', 'wasm'], { SCRATCHFORMER_THREADS: '3' })).toMatch(/SIMD, 3 threads\)$/);
    expect(await infoOf(['--backend', 'js'], { SCRATCHFORMER_BACKEND: 'gpu' })).toBe(
      'kernels: js (plain JavaScript)',
    );
  });
});

test('importing makes no memory and starts no thread; the first parameter does', async () => {
  const { code, output } = await script(
    `import { syncBuiltinESMExports } from 'node:module';
    import workers from 'node:worker_threads';
    let [memories, threads] = [0, 0];
    WebAssembly.Memory = class extends WebAssembly.Memory { constructor(how) { super(how); memories++; } };
    workers.Worker = class extends workers.Worker { constructor(...how) { super(...how); threads++; } };
    syncBuiltinESMExports();
    const { Parameter, ones, matmul } = await import('scratchformer');
    await import('scratchformer/models');
    const x = ones([64, 64]);
    console.log(memories, threads);
    const weight = new Parameter(x, { role: 'weight' });
    console.log(memories, threads, weight.data.buffer instanceof SharedArrayBuffer);
    matmul(x, weight);
    console.log(memories, threads);`,
    { env: { ...wasm, SCRATCHFORMER_THREADS: '2' } },
  );
  expect({ code, output }).toEqual({ code: 0, output: '0 0\n1 0 true\n1 1' });
});
