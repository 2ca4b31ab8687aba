import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const path = process.env.CHROMIUM || '/usr/bin/chromium';

/**
 * Why there is no browser to test in, or null. Where SCRATCHFORMER_NEEDS_CHROMIUM is set, that is an error.
 */
export function lackOfChromium(): string | null {
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    const lack = `there is no ${path} (apt-get install chromium, or name another one by CHROMIUM)`;
    if (process.env.SCRATCHFORMER_NEEDS_CHROMIUM) throw new Error(lack);
    return lack;
  }
}

export function launchChromium(): Promise<Browser> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // root cannot have it
  return chromium.launch({ executablePath: path, args: [...sandbox, '--disable-dev-shm-usage'] });
}
