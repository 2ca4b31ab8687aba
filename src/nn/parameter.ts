import { check, display, Storage, Tensor, withDefaults } from '../tensor/index.ts';

/**
 * The purpose of a parameter, given by the layer that creates it. It decides about weight decay: biases and
 * the gain and bias of a normalization never decay.
 */
export type Role = 'weight' | 'bias' | 'gain' | 'embedding';

/** A trainable tensor: a leaf with `requiresGrad` that lives as long as its module. It copies its values. */
export class Parameter extends Tensor {
  readonly role: Role;

  constructor(values: Tensor, options: { role: Role }) {
    check(values instanceof Tensor, 'Parameter', 'its values are a tensor', () => display(values));
    const { role } = withDefaults<{ role: Role | undefined }>('Parameter', options ?? {}, {
      role: undefined,
    });
    check(
      typeof role === 'string',
      'Parameter',
      'its role is given',
      () => display(role),
      () => "write new Parameter(values, { role: 'weight' }), or bias, gain or embedding",
    );
    super(Storage.persistent(values.dtype, values.shape, 'Parameter'), [...values.shape]);
    this.data.set(values.toTypedArray());
    this.role = role;
    this.requiresGrad = true;
  }
}
