/**
 * Changes in place. They are not recorded, so tensors that require grad are changed inside noGrad only;
 * backward notices when a tensor that it saved was changed.
 */
import { isRecording, noGrad } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, checkInt32, display, show, type Tensor } from '../tensor/index.ts';
import { clone } from './clone.ts';
import { asTensor, broadcastView, checkTensors, packed } from './operands.ts';

/** Sets x ← source, which broadcasts and is converted to x's dtype. Returns x. */
export function copy_(x: Tensor, source: Tensor): Tensor {
  checkTensors({ 'the source': source }, {}, 'copy_');
  return write('copy_', x, source);
}

/** Sets x ← value, everywhere. Returns x. */
export function fill_(x: Tensor, value: number): Tensor {
  check(typeof value === 'number', 'fill_', 'the value is a number', () => display(value));
  return write('fill_', x, asTensor(value, x.dtype === 'int32' ? 'float64' : x.dtype));
}

function write(name: string, x: Tensor, source: Tensor): Tensor {
  check(
    !isRecording() || !(x.requiresGrad || source.requiresGrad),
    name,
    'tensors that require grad are changed, or copied from, inside noGrad',
    () => `shape ${show(x.shape)} outside noGrad`,
    () => 'wrap the call: noGrad(() => …)',
  );
  check(
    x.shape.every((length, axis) => length <= 1 || x.stride[axis] !== 0),
    name,
    'each element has memory of its own',
    () => `a broadcast view of shape ${show(x.shape)} with strides ${show(x.stride)}`,
    () => 'take .contiguous() first',
  );
  noGrad(() => {
    if (x.dtype === 'int32') checkInt32(name, packed(source).data);
    const apart = source.storage === x.storage ? clone(source) : source;
    kernels.copy(x.memoryView, broadcastView(apart, x.shape, name).memoryView);
  });
  x.storage.version++;
  return x;
}
