/** The numbers of PyTorch that an answer is held against. */
import { type Tensor, tensor } from 'scratchformer';
import nnOps from '../../../test/golden/nnOps.json' with { type: 'json' };

interface Packed {
  readonly shape: number[];
  readonly data: number[];
}

/** A case of test/golden/nnOps.json: what PyTorch computed in float64. */
export function golden(name: keyof typeof nnOps): { inputs: Tensor[]; y: Tensor } {
  const { inputs, y } = nnOps[name] as { inputs: Readonly<Record<string, Packed>>; y: Packed };
  return { inputs: Object.values(inputs).map(unpack), y: unpack(y) };
}

function unpack({ shape, data }: Packed): Tensor {
  return tensor(data, { dtype: 'float64' }).reshape(shape);
}
