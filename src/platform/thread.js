// @ts-check
/**
 * What a thread needs that differs between Node and a browser. Plain JavaScript, because a thread loads it as
 * it is, from the source as from the built package.
 */

/**
 * Runs `body` with the first message from whoever started this thread; when it returns, the thread ends.
 *
 * @param {(data: never) => void} body
 */
export function runWithFirstMessage(body) {
  const ofNode = globalThis.process?.getBuiltinModule?.('node:worker_threads').parentPort;
  /** @type {{ close(): void }} */
  const port = ofNode ?? /** @type {never} */ (globalThis); // a worker of a page is its own port
  Object.assign(port, {
    onmessage(/** @type {{ data: never }} */ { data }) {
      body(data);
      port.close();
    },
  });
}

/**
 * A native package of Node's; throws where it is not installed, and in a browser.
 *
 * @param {string} name
 */
export function nativePackage(name) {
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);
}
