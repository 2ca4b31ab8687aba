import { init } from '../distributed/index.ts';
import { check, manualSeed } from '../tensor/index.ts';
import { build, type Run } from './build.ts';
import { runConfig, type Settings } from './config.ts';
import { readConfig } from './configFile.ts';
import { type Corpus, loadCorpus } from './corpus.ts';
import { describeRecipe, recipe } from './depth.ts';
import { readStart, type Start, startFrom } from './initFrom.ts';
import { isPrepared } from './tokenCorpus.ts';
import { makeTokenizer } from './tokenizer.ts';
import { isModule } from './tokenizerProgram.ts';

/** A run and what it learns. */
export interface Begun {
  readonly run: Run;
  readonly corpus: Corpus;
}

/** The flags that begin a run: its settings, and where others come from. */
export type BeginFlags = Settings & {
  /** A JSON file with settings. */
  readonly config?: string;
  /** The dial of `recipe`. */
  readonly depth?: number;
};

/**
 * A new run: flags win over the recipe of a depth, that over a config file, that over the run it starts from. A
 * step has a batch for each rank, unless one of them says otherwise.
 */
export async function started({ config: file, depth, ...others }: BeginFlags): Promise<Begun> {
  const ofFile: Settings = file === undefined ? {} : await readConfig(file);
  const flags = { ...ofRanks(ofFile), ...others };
  const ofDepth = depth === undefined ? {} : recipe(depth, flags);
  if (depth !== undefined) console.log(describeRecipe(depth, ofDepth));
  const given = { ...ofFile, ...ofDepth, ...flags };
  const start =
    given.initFrom === undefined ? undefined : await readStart(given.initFrom, ifProgram(given.tokenizer));
  const config = runConfig({ ...start?.model, ...withTokenizer(given, start) });
  const corpus = await loadCorpus(config.data, (texts) => start?.tokenizer ?? makeTokenizer(config, texts));
  manualSeed(config.seed);
  const run = build(config, corpus.tokenizer.vocabSize);
  if (start) startFrom(start, run);
  return { run, corpus };
}

/** A batch for each rank, if there are several and a file does not say how many there are. */
function ofRanks({ accumulate }: Settings): Settings {
  const { size } = init();
  return size > 1 && accumulate === undefined ? { accumulate: size } : {};
}

/** The path of a tokenizer, if that is a program. */
const ifProgram = (path?: string) => (path !== undefined && isModule(path) ? path : undefined);

/** The settings with where the tokenizer comes from: prepared tokens and other runs bring theirs along. */
function withTokenizer(given: Settings, start: Start | undefined): Settings {
  const { data = '', tokenizer } = given;
  const owner = isPrepared(data) ? 'prepared tokens bring' : start?.tokenizer ? 'the other run brings' : null;
  check(
    owner === null || [undefined, data, start?.tokenizerPath].includes(tokenizer) || isModule(tokenizer!),
    '--tokenizer',
    `${owner} theirs along`,
    () => `${tokenizer}`,
    () => 'leave it out',
  );
  const path = isPrepared(data) ? data : (start?.tokenizerPath ?? tokenizer);
  return tokenizer === undefined && path !== undefined ? { ...given, tokenizer: path } : given;
}
