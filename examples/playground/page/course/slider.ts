/** A knob of a live figure. */
import { element, short } from '../dom.ts';

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly value: number;
}

/** A slider with its name and its value, in words by `say`; `moved` is called for each move. */
export function slider(
  name: string,
  { from, to, step, value }: Range,
  moved: () => void,
  say: (value: number) => string = short,
): { element: HTMLElement; readonly value: number } {
  const input = element('input', {
    type: 'range',
    min: `${from}`,
    max: `${to}`,
    step: `${step}`,
    value: `${value}`,
  });
  const output = element('output', {}, say(value));
  input.addEventListener('input', () => {
    output.textContent = say(Number(input.value));
    moved();
  });
  return {
    element: element('label', {}, name, input, output),
    get value() {
      return Number(input.value);
    },
  };
}
