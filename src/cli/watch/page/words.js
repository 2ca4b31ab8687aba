/**
 * A new element. Texts become text, never HTML: samples are whatever a model wrote.
 *
 * @param {string} tag its name and perhaps classes: `p.note.small`
 * @param {Record<string, unknown>} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const [name = 'div', ...classes] = tag.split('.');
  const made = document.createElement(name);
  made.classList.add(...classes);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

/**
 * The element with this id, which index.html has.
 *
 * @param {string} id
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * A number in few characters: 8.5k, 1.2M, 0.0123, 3e-5.
 *
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function short(value) {
  if (value === undefined || value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)}G`;
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  if (size >= 1e3) return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
  if (size >= 1e-3 || size === 0) return trimmed(value);
  return value.toExponential(1).replace('.0e', 'e');
}

/** @param {number} value */
const trimmed = (value) => `${Number(value.toPrecision(3))}`;

/**
 * A whole number with separators.
 *
 * @param {number | null | undefined} value
 */
export function whole(value) {
  return value === undefined || value === null ? '–' : Math.round(value).toLocaleString('en-US');
}

/**
 * A loss, with as many digits as runs differ by.
 *
 * @param {number | null | undefined} value
 */
export function exact(value) {
  return value === undefined || value === null ? '–' : value.toFixed(4);
}

/**
 * Words for a time: 45 s, 3 min, 2 h 5 min.
 *
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
