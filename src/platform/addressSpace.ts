/**
 * Bytes of address space that this process may still take (`ulimit -v`), on Node; Infinity where that is not
 * limited, or not known. An engine that starts a thread without room for it does not throw: it ends the
 * process.
 */
export function addressSpaceLeft(): number {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  try {
    const limit = /^Max address space +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    const used = /^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return limit && used ? Number(limit[1]) - 1024 * Number(used[1]) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY; // no such files: another system than Linux
  }
}
