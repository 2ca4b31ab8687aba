/** An op of the user's own, a loop in JavaScript: the example runs on a GPU, and is told once what that costs. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { lackOfAdapter } from '../../support/adapter.ts';
import { root } from '../../support/root.ts';

test.skipIf(lackOfAdapter !== null)('the example add-an-op runs on a GPU, with one warning', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'examples/03-add-an-op.ts'],
    { cwd: root, env: { ...process.env, SCRATCHFORMER_BACKEND: 'webgpu' } },
  );
  expect(stdout).toBe('gradcheck passed\nloss starts above 0.1: true\nloss ends below 0.02:  true\n');
  expect(stderr).toMatch(/^webgpu: snake computes on the host\. .* 0\.008 MB and more in each call\.\n$/);
});
