import { check, display } from '../tensor/index.ts';
import type { TextStream } from './tokenizer.ts';

const encoder = new TextEncoder();
/** Not without ignoreBOM: else the three bytes of U+FEFF at the start would be lost. */
const newDecoder = (fatal = false) => new TextDecoder('utf-8', { ignoreBOM: true, fatal });

/** The text of UTF-8, with U+FFFD for what is no character. */
export function textOf(bytes: Uint8Array): string {
  return newDecoder().decode(bytes);
}

/** A stream over tokens that are bytes. */
export function byteStream(bytesOf: (id: number) => Uint8Array): TextStream {
  const decoder = newDecoder();
  return { push: (id) => decoder.decode(bytesOf(id), { stream: true }), end: () => decoder.decode() };
}

/**
 * UTF-8 as text that keeps every byte: one that belongs to no character becomes the lone surrogate
 * U+DC00 + byte, as in Python's 'surrogateescape' (PEP 383). `unescapeBytes` undoes it.
 */
export function escapeBytes(bytes: Uint8Array): string {
  try {
    return newDecoder(true).decode(bytes);
  } catch {
    return escapeSlowly(bytes);
  }
}

function escapeSlowly(bytes: Uint8Array): string {
  let text = '';
  let start = 0; // of the valid bytes not yet in the text
  for (let i = 0; i < bytes.length; ) {
    const length = characterLength(bytes, i);
    if (length === 0) {
      text += textOf(bytes.subarray(start, i)) + String.fromCharCode(0xdc00 + bytes[i]!);
      start = i + 1;
    }
    i += length || 1;
  }
  return text + textOf(bytes.subarray(start));
}

/** Bytes of the character that starts here; 0 if none does. The Unicode Standard, table 3-7. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80; // below: a longer form than need be
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf; // above: surrogates, no code points
  if (second < least || second > most) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** The bytes of an escaped text. */
export function unescapeBytes(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return encoder.encode(text);
  const parts = text.split(/([\udc80-\udcff])/u); // lone ones alone: a pair is one character to /u
  return joinBytes(
    parts.map((part, i) => (i % 2 === 0 ? encoder.encode(part) : Uint8Array.of(part.charCodeAt(0) - 0xdc00))),
  );
}

/** The text with U+FFFD for each lone surrogate, which UTF-8 cannot say. */
export function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}

/** All bytes in one array. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function checkBytes(where: string, bytes: Uint8Array): void {
  check(bytes instanceof Uint8Array, where, 'the bytes are a Uint8Array', () => display(bytes));
}
