// @ts-check
/**
 * A process of its own that tries the build `wide`: it ends well if that is worth it. Its arguments are the
 * addresses of the builds `wide` and `relaxed`.
 */
import { readFileSync } from 'node:fs';
import { agree, compileWide, isFaster } from './wide.js';

const [wideBytes, relaxedBytes] = process.argv.slice(2).map((url) => readFileSync(new URL(url)));
if (!wideBytes || !relaxedBytes) throw new Error('two addresses are needed');
const [wide, relaxed] = [compileWide(wideBytes), new WebAssembly.Module(relaxedBytes)];
process.exit(agree(wide, relaxed) && isFaster(wide, relaxed) ? 0 : 1);
