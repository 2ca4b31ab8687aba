import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../tensor/index.ts';
import { type Checkpoint, loadCheckpoint } from '../train/index.ts';
import { files, isStepFile, moveAside, stepOf } from './folder.ts';
import type { LogFile } from './logFile.ts';
import type { Saver } from './saver.ts';
import type { Track, TrackState } from './track.ts';

/** The checkpoint that a run goes on from: the last, or what --from says: best, last, or a file. */
export function resumedFile(out: string, from = 'last'): string {
  const named: Readonly<Record<string, string>> = { best: files.best, last: files.checkpoint };
  return Object.hasOwn(named, from) ? join(out, named[from]!) : from;
}

/**
 * Makes the checkpoint of a run that goes on with other settings its last one: whatever happens, the run is on
 * the old course or on the new one. What the old one kept of later steps, its best perhaps, is moved aside first.
 *
 * @param out the folder, null on a rank that has none
 */
export async function leaveCourse(
  out: string | null,
  track: Track,
  saver: Saver,
  { step, info }: Checkpoint,
): Promise<void> {
  const { changed: before } = (info.track ?? {}) as Partial<TrackState>;
  if (track.state.changed === undefined || track.state.changed === before) return;
  const earlier = out && (await moveAside(out, await keptAfter(out, step)));
  if (earlier) console.log(`what the run had kept of later steps is now in ${earlier}`);
  await saver.save(step);
  check(!saver.failed, 'train --resume --from', 'the new start can be written', () => 'no room');
}

/** The checkpoints kept of steps after `step`, and of a step that cannot be read. */
async function keptAfter(out: string, step: number): Promise<string[]> {
  const later = readdirSync(out).filter((name) => isStepFile(name) && stepOf(name) > step);
  const best = join(out, files.best);
  if (!existsSync(best)) return later;
  const stepOfBest = await loadCheckpoint(best).then(
    (checkpoint) => checkpoint.step,
    () => Number.POSITIVE_INFINITY,
  );
  return stepOfBest > step ? [...later, files.best] : later;
}

/** Writes a line about the settings that are others from here on, unless it is there. */
export function logChange(out: string, log: LogFile, { state: { changed } }: Track): void {
  if (changed === undefined) return;
  const { step, ...resumed } = changed;
  const path = join(out, files.metrics);
  const line = JSON.stringify({ step, resumed });
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  if (!lines.includes(line)) log.addLine(line);
}
