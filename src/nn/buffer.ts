import { check, display, Storage, Tensor } from '../tensor/index.ts';

/**
 * A tensor that a module keeps beside its parameters and saves with them, such as running statistics. In a
 * field it is found like a parameter: the state dict has it, but no optimizer sees it, nothing decays it, and
 * it has no gradient. It copies the values it is given, and lives as long as its module.
 *
 *     readonly runningMean: Buffer = new Buffer(zeros([channels]));
 */
export class Buffer extends Tensor {
  constructor(values: Tensor) {
    check(values instanceof Tensor, 'Buffer', 'its values are a tensor', () => display(values));
    super(Storage.persistent(values.dtype, values.shape, 'Buffer'), [...values.shape]);
    this.data.set(values.toTypedArray());
  }

  override get requiresGrad(): boolean {
    return false;
  }

  override set requiresGrad(value: boolean) {
    check(
      !value,
      'Buffer',
      'a buffer has no gradient',
      () => 'requiresGrad = true',
      () => 'what is to be learned is a Parameter',
    );
  }
}
