/**
 * A text that a stranger's file may hold, for a terminal: control characters, which a terminal obeys, are shown
 * as `\\x1b`, all but line breaks and tabs. Elsewhere, as in a pipe, the text stays as it is.
 */
export function visible(text: string, { isTTY }: { readonly isTTY?: boolean } = process.stdout): string {
  return isTTY ? text.replace(/(?![\n\t])\p{Cc}/gu, escaped) : text;
}

const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
