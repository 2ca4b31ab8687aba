/** A run in the address of the page, and back: `#task=sort&layers=4`, with what differs from the usual run. */
import { check, fail } from 'scratchformer';
import { suggest } from 'scratchformer/tensor';
import { initialRun, type Name, names, parseValue, type Run } from './run.ts';

export function linkOf(run: Run): string {
  const differing = names.filter((name) => run[name] !== initialRun[name]);
  return `#${new URLSearchParams(Object.fromEntries(differing.map((name) => [name, `${run[name]}`])))}`;
}

/** The run of a link. Errors: an unknown name, a name twice, a value that the field cannot have. */
export function runOf(link: string): Run {
  const given: [string, unknown][] = [...new URLSearchParams(link.replace(/^#/, ''))].map(([name, text]) => {
    if (!names.includes(name as Name))
      return fail('link', 'its names are settings of a run', name, suggest(name, names));
    return [name, parseValue(name as Name, text)];
  });
  const once = new Map(given);
  check(once.size === given.length, 'link', 'every name stands there once', () => link);
  return { ...initialRun, ...Object.fromEntries(once) };
}
