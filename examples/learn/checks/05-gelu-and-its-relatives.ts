import { check, gelu, randomStream, silu, type Tensor, tensor } from 'scratchformer';
import { normalSample } from 'scratchformer/tensor';
import type { Check } from '../support/check.ts';
import { expectClose, expectGradients, normal } from '../support/compare.ts';
import { golden } from '../support/golden.ts';

interface Answer {
  gelu(x: Tensor): Tensor;
  silu(x: Tensor): Tensor;
}

export default {
  shipped: { gelu: (x) => gelu(x), silu: (x) => silu(x) },
  steps: {
    'GELU is the mean of a gate that opens by chance'({ gelu }) {
      const random = randomStream('gates');
      const gates = 40_000;
      for (const x of [-1.5, -0.5, 0.5, 1.5]) {
        let open = 0;
        for (let i = 0; i < gates; i++) if (normalSample(random) < x) open++; // the gate is open if z < x
        const got = gelu(tensor([x], { dtype: 'float64' })).item();
        const far = Math.abs(got - (x * open) / gates);
        const mean = () => `${got.toFixed(4)}; ${gates} gates have ${((x * open) / gates).toFixed(4)}`;
        check(
          far < 0.016,
          `GELU at ${x}`,
          'it is x times the share of open gates',
          mean,
          () => 'the gate is open with probability Φ(x), so y = x·Φ(x)',
        );
      }
    },
    "GELU and SiLU are PyTorch's"({ gelu, silu }) {
      const exact = golden('gelu exact');
      const almost = 'nearly right is the sigmoid formula x·σ(1.702x) or the one with tanh: here Φ is exact';
      expectClose('GELU', gelu(exact.inputs[0]!), exact.y, almost);
      const {
        inputs: [x],
        y,
      } = golden('silu');
      expectClose('SiLU', silu(x!), y, 'it is x·σ(x)');
    },
    'their derivatives pass gradcheck'({ gelu, silu }) {
      const hint = 'the product rule has two terms: the gate, and x times the derivative of the gate';
      expectGradients(gelu, [normal(5)], { 'x (GELU)': hint });
      expectGradients(silu, [normal(5)], { 'x (SiLU)': hint });
    },
  },
} satisfies Check<Answer>;
