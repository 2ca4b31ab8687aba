import { Activation, DecoderBlock, LayerNorm, LSTM, type Module, RMSNorm, TransformerBlock } from 'scratchformer/nn';

/** `model: GPT with 83,520 parameters; activation swiglu; norm RMSNorm, pre`: what a model is made of, read off its parts. */
export function describe(model: Module): string {
  const parts = model.namedModules().map(([, part]) => part);
  const words = (of: (part: Module) => readonly string[]) => [...new Set(parts.flatMap(of))].join(', ') || 'none';
  const activations = words((part) => {
    if (part instanceof LSTM) return ['sigmoid', 'tanh'];
    return part instanceof Activation ? [part.apply.name] : [];
  });
  const norms = words((part) => {
    if (part instanceof LayerNorm || part instanceof RMSNorm) return [part.constructor.name];
    return part instanceof TransformerBlock || part instanceof DecoderBlock ? [part.norm] : [];
  });
  const count = model.parameters().reduce((total, { size }) => total + size, 0);
  const name = model.constructor.name;
  return `model: ${name} with ${count.toLocaleString('en-US')} parameters; activation ${activations}; norm ${norms}`;
}
