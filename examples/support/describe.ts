import {
  Activation,
  BatchNorm,
  ConformerBlock,
  ConvolutionModule,
  DecoderBlock,
  LayerNorm,
  LSTM,
  type Module,
  RMSNorm,
  TransformerBlock,
} from 'scratchformer/nn';

/**
 * `model: GPT with 83,520 parameters; activation swiglu; norm pre, RMSNorm`: what a model is made of, read
 * off its parts.
 */
export function describe(model: Module): string {
  const parts = model.namedModules().map(([, part]) => part);
  const names = (of: (part: Module) => readonly string[]) => [...new Set(parts.flatMap(of))];
  const activations = names((part) => {
    if (part instanceof LSTM) return ['sigmoid', 'tanh'];
    if (part instanceof ConvolutionModule) return ['glu', 'silu'];
    return part instanceof Activation ? [part.apply.name] : [];
  });
  const places = names((part) => {
    if (part instanceof ConformerBlock) return ['pre'];
    return part instanceof TransformerBlock || part instanceof DecoderBlock ? [part.normPosition] : [];
  });
  const norms = names((part) =>
    [LayerNorm, RMSNorm, BatchNorm].some((kind) => part instanceof kind) ? [part.constructor.name] : [],
  );
  const listed = (words: readonly string[]) => words.join(', ') || 'none';
  const count = model.parameters().reduce((total, { size }) => total + size, 0);
  const size = `${model.constructor.name} with ${count.toLocaleString('en-US')} parameters`;
  return `model: ${size}; activation ${listed(activations)}; norm ${listed([...places, ...norms])}`;
}
