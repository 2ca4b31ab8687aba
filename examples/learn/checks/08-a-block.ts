import { type Module, setDefaultDtype, type Tensor, TransformerBlock } from 'scratchformer';
import { gradcheckModule } from 'scratchformer/autograd';
import type { Check } from '../support/check.ts';
import { expectClose, normal } from '../support/compare.ts';

type AnyBlock = Module & { forward(x: Tensor): Tensor };

interface Answer {
  Block: new (width: number, heads: number) => AnyBlock;
}

class ShippedBlock extends TransformerBlock {
  constructor(width: number, heads: number) {
    super(width, { heads, causal: true });
  }
}

/** A block in float64. All its parameters are random, so that each of them counts. */
function make(Block: Answer['Block']): AnyBlock {
  setDefaultDtype('float64');
  try {
    const block = new Block(4, 2);
    for (const parameter of block.parameters()) parameter.data.set(normal(...parameter.shape).data);
    return block;
  } finally {
    setDefaultDtype('float32');
  }
}

/** The parameters of a block by name, for a change. */
const named = (block: AnyBlock, ending: string) =>
  block.namedParameters().flatMap(([name, parameter]) => (name.includes(ending) ? [parameter] : []));

const ofAttention = 'attention.output';
const ofNetwork = 'feedForward.';

export default {
  shipped: { Block: ShippedBlock },
  steps: {
    'a block that adds nothing hands x on'({ Block }) {
      const block = make(Block);
      for (const parameter of [...named(block, ofAttention), ...named(block, ofNetwork)])
        parameter.data.fill(0);
      const x = normal(1, 3, 4);
      const hint = 'both branches are 0 now, so y = x: x itself is added, without a norm';
      expectClose('the block', block.forward(x), x, hint);
    },
    'attention reads the norm of x, and adds to x'({ Block }) {
      const block = make(Block);
      for (const parameter of named(block, ofNetwork)) parameter.data.fill(0);
      const x = normal(1, 3, 4);
      const { norm1, attention } = block as InstanceType<typeof ShippedBlock>;
      const expected = x.add(attention.forward(norm1.forward(x)));
      expectClose(
        'x + attention(norm1(x))',
        block.forward(x),
        expected,
        'the network is 0 here, only attention adds',
      );
    },
    'the network reads what attention has written'({ Block }) {
      const block = make(Block);
      const x = normal(2, 3, 4);
      const { norm1, attention, norm2, feedForward } = block as InstanceType<typeof ShippedBlock>;
      const attended = x.add(attention.forward(norm1.forward(x)));
      const expected = attended.add(feedForward.forward(norm2!.forward(attended)));
      const hint = 'the second branch takes norm2 of x + attention(norm1(x)), and adds to that';
      expectClose('the block', block.forward(x), expected, hint);
    },
    'gradients reach every parameter'({ Block }) {
      const block = make(Block);
      const x = normal(1, 3, 4);
      gradcheckModule(block, () => block.forward(x).square().sum());
    },
  },
} satisfies Check<Answer>;
