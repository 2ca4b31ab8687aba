import { createHash } from 'node:crypto';

/** SHA-256 of a text, in hex: how data is known again. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
