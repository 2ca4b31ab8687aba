import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { checkSame, init, type ReductionName } from '../distributed/index.ts';
import { backendInUse } from '../kernels/index.ts';
import type { Begun } from './begin.ts';

/** How ranks share the work. */
export interface Sharing {
  /** Default 'inOrder'. */
  readonly reduction?: ReductionName | undefined;
  /** Whether each keeps the optimizer's state of some parameters only. Default false. */
  readonly shardOptimizer?: boolean | undefined;
}

/** Refuses ranks that would not compute the same, and says who takes part. */
export function checkAlike(
  { run: { config, model }, corpus }: Begun,
  { reduction = 'inOrder', shardOptimizer = false }: Sharing,
): void {
  const world = init();
  if (world.size === 1) return;
  const { name, why } = backendInUse();
  const kernels = why.split(';', 1)[0]!;
  const { model: ofModel, ...ofRun } = config;
  const settings = Object.entries({ ...ofRun, ...ofModel });
  checkSame(world, {
    program: `Node ${process.version} on ${process.arch}, code ${hash(sources())}`,
    kernels: `${name} (${name === 'blas' ? kernels : kernels.replace(/, \d+ threads?/, '')})`,
    ...Object.fromEntries(settings.map(([key, value]) => [`${key} (a setting)`, `${value}`])),
    '--reduction': reduction,
    '--shard-optimizer': `${shardOptimizer}`,
    text: `${corpus.name}${corpus.hash ? `, ${corpus.hash.slice(0, 12)}` : ''}`,
    tokenizer: hash([new TextEncoder().encode(JSON.stringify(corpus.tokenizer))]),
    weights: hash(model.parameters().map(({ data }) => data)),
  });
  const places = world.gather(`${process.pid} on ${hostname()}`);
  console.log(`ranks: ${world.size} by ${world.communicator.library}, processes ${places.join(', ')}`);
}

function hash(parts: Iterable<ArrayBufferView>): string {
  const sum = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts)
    sum.update(new Uint8Array(buffer, byteOffset, byteLength).slice()); // a copy: it may be shared memory
  return sum.digest('hex').slice(0, 12);
}

/** The files of this program. */
function sources(): Uint8Array[] {
  const folders = ['src', 'models', 'optimizers'].map((name) =>
    fileURLToPath(new URL(`../../${name}`, import.meta.url)),
  );
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js|wasm)$/.test(entry.name))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .sort()
      .map((path) => readFileSync(path)),
  );
}
