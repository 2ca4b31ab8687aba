import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { root } from './support/barrels.ts';

const folder = `${root}examples/`;

/** Arguments that make an example short. */
const quick: Record<string, string[]> = { '07-character-gpt.ts': ['', '60'], '08-flat-memory.ts': ['20000'] };

/** What the comment at the end of an example promises; `…` stands for anything. */
function promised(source: string): RegExp {
  const [, text] = /\/\* prints\n([\s\S]*)\*\/\n$/.exec(source) ?? expect.fail('the example ends with what it prints');
  const literal = text!.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('…', '[\\s\\S]*')}$`);
}

describe('every example prints what it promises', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.ts')))('%s', { timeout: 180_000 }, async (name) => {
    const args = ['--conditions=scratchformer-source', '--import', 'tsx', folder + name, ...(quick[name] ?? [])];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(stdout).toMatch(promised(readFileSync(folder + name, 'utf8')));
  });
});
