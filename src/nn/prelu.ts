import { prelu } from '../ops/index.ts';
import { checkFinite, full, type Tensor } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/**
 * PReLU, max(0, x) + a·min(0, x), with a learned slope a: one for all (default), or one for each channel of
 * the last axis.
 *
 * Parameters: weight (channels) = 0.25; its role is 'gain': decay would pull PReLU towards ReLU.
 *
 * He et al., "Delving Deep into Rectifiers", arXiv:1502.01852
 */
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(channels = 1, initialSlope = 0.25) {
    super();
    checkSize('PReLU', { channels });
    checkFinite('PReLU', { initialSlope });
    this.weight = new Parameter(full([channels], initialSlope), { role: 'gain' });
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}
