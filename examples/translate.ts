// Translates sentences with what the example `translation` has learned and saved.
//
//     npm run example -- examples/translate.ts runs/translation "a sentence" …

import { check } from 'scratchformer';
import { exampleArguments } from './support/arguments.ts';
import { loadTranslator, translateText } from './support/translator.ts';

const [folder, ...sentences] = exampleArguments({ maxWords: Number.POSITIVE_INFINITY }).words;
check(sentences.length > 0, 'translate', 'there are a folder and sentences', () => `${folder ?? 'none'}`);
const translator = await loadTranslator(folder!);
for (const sentence of sentences) console.log(translateText(translator, sentence));
