import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Company } from '../../src/kernels/wasm/company.ts';

let now = 0;
beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A window of 40 ms, of which so many are spent waiting at its end. */
function spend(company: Company, waiting: number): void {
  now += 40;
  company.waited(now - waiting, now);
}

/** A company that has just begun a window. */
function begun(): Company {
  const company = new Company(2);
  spend(company, 0);
  return company;
}

/** Milliseconds until it shares again. */
function aloneFor(company: Company): number {
  const start = now;
  while (!company.pays) now++;
  return now - start;
}

test('who waits little shares on', () => {
  const company = begun();
  for (let i = 0; i < 20; i++) {
    spend(company, 8);
    expect(company.pays).toBe(true);
  }
});

test('who waits much works alone: 100 ms, then twice as long each time, at most 1.6 s', () => {
  const company = begun();
  for (const alone of [100, 200, 400, 800, 1600, 1600]) {
    spend(company, 20);
    expect(aloneFor(company)).toBe(alone);
  }
});

test('a good window makes it patient again', () => {
  const company = begun();
  for (const waiting of [20, 20, 20]) {
    spend(company, waiting);
    aloneFor(company);
  }
  spend(company, 2);
  spend(company, 20);
  expect(aloneFor(company)).toBe(100);
});
