/** A new element, `p.note.small`. Texts become text, never HTML: samples are whatever a model wrote. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  properties: Readonly<Record<string, unknown>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split('.');
  const made = document.createElement(name as K);
  made.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (/^(aria-|data-|role$|for$)/.test(key)) made.setAttribute(key, String(value));
    else Object.assign(made, { [key]: value });
  }
  made.append(...children);
  return made;
}

/** The element of index.html with this id. */
export const byId = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

/** A colour of the style sheet, which differs by light and dark. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Calls when the page turns from light to dark or back. */
export function onRecolour(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}

/** A number in few characters: 0.0123, −1.5, 3.2e−5. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : `${Number(value.toPrecision(4))}`;
  return text.replaceAll('-', '−').replace('e+', 'e');
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
