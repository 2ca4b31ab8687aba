/** The long text of the golden tokens, about 1 MB: stories, then sentences of them in a language of our own. */
import { fileURLToPath } from 'node:url';
import { sentencePairs, stories } from '../../src/corpora/index.ts';

export function longText(): string {
  const told = stories({ stories: 2500, seed: 'tokenizers' }).text;
  const translated = sentencePairs({ stories: 4000, seed: 'tokenizers' }).map(([, sentence]) => sentence);
  return `${told}\n${translated.join('\r\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(longText());
