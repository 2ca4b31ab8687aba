/**
 * Loaded before a program (`node --import`): ends it, as `kill -9` would, at its n-th operation on files of a
 * folder, n being KILL_AT; a write has come half way by then. Without KILL_AT, writes their number to COUNT_TO.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { KILL_AT, COUNT_TO, KILL_IN = '' } = process.env;
const writeNow = fs.writeFileSync;
let count = 0;

/** Counts an operation, and ends the process in the one that was chosen, after `half` of it. */
function operation(half = () => {}) {
  if (count++ !== Number(KILL_AT ?? -1)) return;
  half();
  process.kill(process.pid, 'SIGKILL');
}

const isIn = (path) => String(path).startsWith(KILL_IN);
const firstHalf = (data) =>
  (typeof data === 'string' ? Buffer.from(data) : data).subarray(0, data.length / 2);

for (const name of ['appendFileSync', 'writeFileSync']) {
  const plain = fs[name];
  fs[name] = (path, data, ...rest) => {
    if (isIn(path)) operation(() => plain(path, firstHalf(data), ...rest));
    return plain(path, data, ...rest);
  };
}
for (const [from, names] of [
  [fs, ['unlinkSync', 'renameSync', 'mkdirSync', 'rmSync']],
  [fs.promises, ['rename', 'rm', 'mkdir', 'unlink']],
]) {
  for (const name of names) {
    const plain = from[name];
    from[name] = (path, ...rest) => {
      if (isIn(path)) operation();
      return plain(path, ...rest);
    };
  }
}

const { open } = fs.promises;
fs.promises.open = async (path, ...rest) => {
  if (isIn(path)) operation();
  const handle = await open(path, ...rest);
  if (!isIn(path)) return handle;
  const { writeFile, sync, close } = handle;
  return Object.assign(handle, {
    writeFile(data, ...options) {
      operation(() => fs.writeSync(handle.fd, firstHalf(data)));
      return writeFile.call(handle, data, ...options);
    },
    sync() {
      operation();
      return sync.call(handle);
    },
    close() {
      operation();
      return close.call(handle);
    },
  });
};
syncBuiltinESMExports();
if (COUNT_TO) process.on('exit', () => writeNow(COUNT_TO, String(count)));
