// @ts-check
/**
 * A process of its own that tries the build `wide`: it ends well if that is worth it. Its arguments are the
 * addresses of the builds `wide` and `relaxed`.
 */
import { readFileSync } from 'node:fs';
import { compileWide, isWorthIt } from './wide.js';

const [wide, relaxed] = process.argv.slice(2).map((url) => readFileSync(new URL(url)));
if (!wide || !relaxed || !isWorthIt(compileWide(wide), new WebAssembly.Module(relaxed))) process.exit(1);
