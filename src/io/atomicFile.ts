import { platform } from '../platform/index.ts';

/**
 * Writes a file so that at every moment, a crash, a full disk and a power cut included, the path holds either
 * the whole old file or the whole new one. A link is replaced, not followed. Errors: in a browser.
 */
export function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  return platform.writeFileAtomic(path, data);
}
