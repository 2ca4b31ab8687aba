/** Markdown as a terminal shows it: headings and emphasis in bold, figures by their path. */
import { styleText } from 'node:util';

const bold = (text: string) => styleText('bold', text);

/** The text of a lesson, for people to read in a terminal. `path` is the folder that its links start from. */
export function forTerminal(text: string, path: string): string {
  return text
    .replace(/^#+ (.*)$/gm, (_, heading: string) => bold(heading))
    .replace(/^```.*\n/gm, '')
    .replace(/!\[([^\]]*)\]\(([^)]*)\)/g, (_, about: string, link: string) => `[figure: ${about}]\n${resolved(path, link)}`)
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, (_, words: string) => bold(words));
} // biome-ignore format: one rule a line

/** 'examples/learn/texts/' and '../figures/x.svg' → 'examples/learn/figures/x.svg' */
function resolved(path: string, link: string): string {
  return new URL(link, `file:///${path}`).pathname.slice(1);
}
