import * as rules from './rules.ts';
import { ruleTask } from './ruleTask.ts';
import type { Task } from './task.ts';
import { ownTextTask, storyTask } from './textTask.ts';

export type { Sample, Task } from './task.ts';

/** What tasks are told of a run. */
interface Settings {
  readonly text: string;
  readonly context: number;
}

const tasks = {
  stories: ({ context }: Settings) => storyTask(context),
  sort: () => ruleTask(rules.sort),
  add: () => ruleTask(rules.add),
  copy: () => ruleTask(rules.copy),
  parity: () => ruleTask(rules.parity),
  'own text': ({ text, context }: Settings) => ownTextTask(text, context),
} satisfies Record<string, (settings: Settings) => Task>;

export type TaskName = keyof typeof tasks;
export const taskNames = Object.keys(tasks) as TaskName[];
export const makeTask = (name: TaskName, settings: Settings): Task => tasks[name](settings);
