/**
 * What differs between Node and a browser: the only room that knows either. Which of the two it is gets asked
 * where the code runs, not when it is bundled, and Node's modules come from `process.getBuiltinModule` rather
 * than from imports: so the same files run in both, bundled by whatever tool or not at all.
 */
import { browser } from './browser.ts';
import { node } from './node.ts';
import type { Platform } from './platform.ts';

export type * from './platform.ts';

const isNode = typeof process !== 'undefined' && typeof process.getBuiltinModule === 'function';

export const platform: Platform = isNode ? node : browser;
