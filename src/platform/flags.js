// @ts-check
/** Flags of the engine, V8, which Node can set while it runs. Plain JavaScript, because a trial loads it too. */

/**
 * Runs `body` with these flags, and takes them back after it.
 *
 * @template T
 * @param {readonly string[]} flags such as `--no-liftoff`; none may be on already
 * @param {() => T} body
 * @returns {T}
 */
export function withFlags(flags, body) {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
  try {
    return body();
  } finally {
    for (const flag of flags) setFlagsFromString(opposite(flag));
  }
}

const opposite = (/** @type {string} */ flag) =>
  flag.startsWith('--no-') ? flag.replace('--no-', '--') : flag.replace('--', '--no-');
