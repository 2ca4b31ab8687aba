/**
 * How byte-level BPE writes its tokens: each byte as one visible character. Printable bytes of Latin-1 stand
 * for themselves, the other 68 are U+0100, U+0101, … in their order: a space is 'Ġ', a line break 'Ċ'.
 * Radford et al., "Language models are unsupervised multitask learners", 2019 (GPT-2).
 */
const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

const hidden = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !isPrintable(byte));

/** The character of each byte. */
export const byteCharacters: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(isPrintable(byte) ? byte : 0x100 + hidden.indexOf(byte)),
);

const bytesByCharacter = new Map(byteCharacters.map((character, byte) => [character, byte]));

export function charactersOf(bytes: Uint8Array): string {
  let token = '';
  for (const byte of bytes) token += byteCharacters[byte]!;
  return token;
}

/** The bytes of a token, or null if a character of it stands for none. */
export function bytesOfCharacters(token: string): Uint8Array | null {
  const bytes = Array.from(token, (character) => bytesByCharacter.get(character) ?? -1);
  return bytes.includes(-1) ? null : Uint8Array.from(bytes);
}
