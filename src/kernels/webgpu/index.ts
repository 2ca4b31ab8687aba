/** A GPU, through WebGPU: the kernels that it has, over those of the processor. */

import { heapPool } from '../../tensor/pool.ts';
import { allocateFrom } from '../../tensor/source.ts';
import type { CpuKernels, Kernels } from '../contract.ts';
import { failedCheck } from '../wasm/selfCheck.ts';
import { openDevice } from './adapter.ts';
import { bindDawn } from './dawn.ts';
import { Device } from './device.ts';
import { findDawn } from './find.ts';
import * as kernels from './kernels/index.ts';
import { Numbers, useDevice } from './numbers.ts';
import { onProcessor, useProcessor } from './overlay.ts';
import { moved } from './transfers.ts';

const overlay: Partial<Kernels> = kernels;

let device: Device | null = null;

interface Started {
  readonly kernels: Kernels;
  readonly why: string;
  readonly details: () => readonly string[];
}

/**
 * Starts the device, and then the kernels of the processor for the rest; returns all kernels, or the reason (a
 * string) why it is unavailable.
 */
export function startWebgpu(startProcessor: () => CpuKernels): Started | string {
  const opened = openedDevice();
  if (typeof opened === 'string') return opened;
  const processor = startProcessor();
  useProcessor(processor);
  useDevice(opened);
  const failed = failedCheck(overlay);
  if (failed !== null) {
    useDevice(null);
    return `webgpu: ${failed} failed its self-check`;
  }
  allocateFrom({
    take: (bytes) => heapPool.take(bytes),
    beside: (dtype, length) => (dtype === 'float64' ? null : new Numbers(opened, dtype, length)),
  });
  const others = (Object.keys(processor) as (keyof Kernels)[]).map((name) => [name, onProcessor(name)]);
  const { device: name, api } = opened.adapter;
  return {
    kernels: { ...Object.fromEntries(others), ...overlay },
    why: `${name}, by ${api}`,
    details: () => describe(opened),
  };
}

function describe({ adapter, buffers }: Device): readonly string[] {
  const { device, driver, api, software, limits } = adapter;
  const MB = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  return [
    `adapter: ${device}${software ? ', played by the processor' : ''}`,
    `driver:  ${driver || 'unnamed'}, by ${api}`,
    `limits:  ${MB(limits.bindingBytes)} for a tensor, ${limits.workgroups} groups of threads along an axis`,
    `memory:  ${MB(buffers.bytes)} taken; ${MB(moved.toHost)} moved to the host and ${MB(moved.toDevice)} from it`,
  ];
}

/** Why there is no device; null if there is one. */
export function lackOfWebgpu(): string | null {
  const opened = openedDevice();
  return typeof opened === 'string' ? opened : null;
}

/** The device; a new one if it is lost, as the next may stay. */
function openedDevice(): Device | string {
  if (device && device.opened.state.lost === null) return device;
  const native = findDawn();
  if (typeof native === 'string') return `webgpu: ${native}`;
  const dawn = bindDawn(native);
  const opened = openDevice(dawn);
  if (typeof opened === 'string') return `webgpu: ${opened}`;
  device = new Device(dawn, opened);
  return device;
}
