/** Every kernel of a GPU goes through the compiler of its library, on a device that computes nothing. */
import { expect, test } from 'vitest';
import { openDevice } from '../../../src/kernels/webgpu/adapter.ts';
import { bindDawn } from '../../../src/kernels/webgpu/dawn.ts';
import { Device } from '../../../src/kernels/webgpu/device.ts';
import { findDawn } from '../../../src/kernels/webgpu/find.ts';
import { declared, type Kernel } from '../../../src/kernels/webgpu/kernel.ts';
import '../../../src/kernels/webgpu/kernels/index.ts';

const native = findDawn();
if (typeof native === 'string') console.warn(`kernels of a GPU are not compiled: ${native}`);

test.skipIf(typeof native === 'string')('all WGSL is valid, and an error in it is told', () => {
  if (typeof native === 'string') return;
  const dawn = bindDawn(native);
  const opened = openDevice(dawn, { nothing: true });
  if (typeof opened === 'string') throw new Error(opened);
  const device = new Device(dawn, opened);
  const compile = (kernel: Kernel) => {
    const buffers = Array.from({ length: kernel.outputs + kernel.inputs }, () => device.buffers.take(4));
    device.run(kernel, buffers, new Uint32Array(64), [0, 0, 0]);
    device.flush();
  };
  for (const kernel of declared) {
    expect(kernel.outputs + kernel.inputs, `${kernel.name}: arrays`).toBeLessThanOrEqual(8);
    expect(
      kernel.outputs + kernel.inputs + kernel.floats.length,
      `${kernel.name}: words`,
    ).toBeLessThanOrEqual(64);
    expect(() => compile(kernel), kernel.name).not.toThrow();
  }
  expect(declared.length).toBeGreaterThan(50);
  const wrong = { ...declared[0]!, code: declared[0]!.code.replace('fn main', 'fn other') };
  expect(() => compile(wrong)).toThrow(/webgpu: the device does what it is told\. got .*main/s);
  expect(() => device.buffers.checkFits(2 ** 40)).toThrow(/a tensor takes at most .* MB on this adapter/);
});
