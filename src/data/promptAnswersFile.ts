import { fail } from '../tensor/index.ts';
import type { PromptAnswer } from './promptAnswers.ts';
import { textFile } from './text.ts';

/**
 * Reads prompts and answers of your own from a UTF-8 file of JSON lines, each `{"prompt": "…", "answer": "…"}`.
 * Empty lines are left out. Errors: those of `textFile`, and a line that is no such record (its number is told).
 */
export async function promptAnswersFile(path: string): Promise<PromptAnswer[]> {
  const { text, name } = await textFile(path);
  const where = `promptAnswersFile ${JSON.stringify(name)}`;
  const records = text.split(/\r?\n/).flatMap((line, i): PromptAnswer[] => {
    if (line.trim() === '') return [];
    const record = parsed(line);
    if (isPromptAnswer(record)) return [{ prompt: record.prompt, answer: record.answer }];
    const got = `${JSON.stringify(line.slice(0, 60))} in line ${i + 1}`;
    return fail(where, 'a line is {"prompt": "…", "answer": "…"}, with a text in each', got);
  });
  return records.length > 0 ? records : fail(where, 'the file has at least one record', 'empty lines');
}

/** The value that a line of JSON stands for; undefined if it stands for none. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Other fields are free. */
function isPromptAnswer(record: unknown): record is PromptAnswer {
  const { prompt, answer } = (record ?? {}) as Partial<Record<keyof PromptAnswer, unknown>>;
  return typeof prompt === 'string' && typeof answer === 'string' && prompt !== '' && answer !== '';
}
