/** Markdown as a terminal shows it: headings and emphasis in bold, links and figures by their path. */
import { styleText } from 'node:util';

const bold = (_: string, words: string) => styleText('bold', words);

/** The text of a lesson, for people to read in a terminal. `folder` is where its links start. */
export function forTerminal(text: string, folder: string): string {
  const path = (link: string) => new URL(link, `file:///${folder}`).pathname.slice(1);
  return text
    .replace(
      /!\[([^\]]*)\]\(([^)]*)\)/g,
      (_, about: string, link: string) => `[figure: ${about}: ${path(link)}]`,
    )
    .replace(/\[([^\]]*)\]\(([^)#]*)[^)]*\)/g, (_, words: string, link: string) => `${words} (${path(link)})`)
    .replace(/^#+ (.*)$/gm, bold)
    .replace(/\*\*([^*]+)\*\*/g, bold)
    .replace(/(?<!\*)\*([^*\s][^*]*)\*(?!\*)/g, '$1');
}
