import cliProgress from 'cli-progress';

/** A display of something that takes long. */
export interface Bar {
  update(value: number): void;
  stop(): void;
}

/** Shows a bar up to `total` in a terminal, and nothing elsewhere. */
export function bar(label: string, total: number): Bar {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const shown = new cliProgress.SingleBar({ format: `${label} {bar} {percentage} %`, barsize: 20 });
  shown.start(total, 0);
  return shown;
}
