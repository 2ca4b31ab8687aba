/**
 * A colour of the style sheet, which differs by light and dark.
 *
 * @param {string} name
 */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * The colour of a run, by its place.
 *
 * @param {number} index
 */
export function runColour(index) {
  return colour(`run-${index % 8}`);
}

/**
 * The colour of a layer: along a ramp from the input of a model to its output.
 *
 * @param {number} index
 * @param {number} count
 */
export function layerColour(index, count) {
  const part = count < 2 ? 0 : index / (count - 1);
  return `oklch(${colour('ramp-lightness')} 0.14 ${Math.round(285 - 255 * part)})`;
}
