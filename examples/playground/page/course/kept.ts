/** What a student has written, kept by the browser; where it refuses, until the page is closed. */
const here = new Map<string, string>();

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(`scratchformer.${key}`);
  } catch {
    return here.get(key) ?? null;
  }
}

export function keep(key: string, text: string): void {
  try {
    localStorage.setItem(`scratchformer.${key}`, text);
  } catch {
    here.set(key, text);
  }
}
