import { appendFileSync, statSync, truncateSync } from 'node:fs';
import { fail } from '../tensor/index.ts';

/**
 * A file to which lines are added. Those for which there is no room wait in memory, and go to the file before
 * the next ones.
 */
export class LogFile {
  readonly #path: string;
  readonly #warn: (text: string) => void;
  #waiting = '';
  #warned = false;

  /** @param warn says, once, that lines have to wait */
  constructor(path: string, warn: (text: string) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  /** Adds a line of values. Numbers that JSON does not know are strings: "NaN", "Infinity". */
  add(values: object): void {
    this.addLine(JSON.stringify(values, finiteOrText));
  }

  addLine(line: string): void {
    this.#waiting += `${line}\n`;
    try {
      this.#write();
    } catch (error) {
      if (!this.#warned)
        this.#warn(
          `${this.#path}: ${(error as Error).message}; its lines wait in memory until there is room`,
        );
      this.#warned = true;
    }
  }

  /** Writes the lines that wait. Errors: there is still no room. */
  flush(): void {
    try {
      this.#write();
    } catch (error) {
      const hint = 'make room or mend the folder, then go on from the last checkpoint with --resume';
      fail(`metrics ${this.#path}`, 'the file can be written', (error as Error).message, hint);
    }
  }

  #write(): void {
    if (this.#waiting === '') return;
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    try {
      appendFileSync(this.#path, this.#waiting);
    } catch (error) {
      this.#cut(size);
      throw error;
    }
    this.#waiting = '';
  }

  /** Takes back what found room of lines that did not. */
  #cut(size: number): void {
    try {
      truncateSync(this.#path, size);
    } catch {} // there is no file, or no right to write to it
  }
}

function finiteOrText(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
}
