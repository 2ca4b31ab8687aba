import { BERT } from '../../../models/bert.ts';
import { GPT } from '../../../models/gpt.ts';
import { ViT } from '../../../models/vit.ts';
import { display, fail } from '../../tensor/index.ts';
import { configFiles, type HuggingFaceOptions, type InteropModel } from '../huggingFace.ts';
import { bertGraph } from './bert.ts';
import { gptGraph } from './gpt.ts';
import type { Graph } from './graph.ts';
import { vitGraph } from './vit.ts';

/**
 * The files of a folder with the model for ONNX runtimes, by name: onnx/model.onnx and, where transformers.js
 * knows such a model, its config.json and tokenizer. A GPT has a key–value cache there;
 * onnx/model_no_cache.onnx is the same without. onnx/model_int8.onnx has its matrices in int8, with a scale
 * for each row. Opset 17, else float32. Needs the optional package `protobufjs`.
 */
export async function onnxFiles(
  model: InteropModel,
  options: HuggingFaceOptions = {},
): Promise<Map<string, string | Uint8Array>> {
  const files = Object.entries(graphsOf(model)).map(
    async ([name, graph]) => [`onnx/${name}.onnx`, await graph.encode(name)] as const,
  );
  return new Map<string, string | Uint8Array>([
    ...(await Promise.all(files)),
    ...configFiles(model, options),
  ]);
}

function graphsOf(model: InteropModel): Record<string, Graph> {
  if (model instanceof GPT)
    return {
      model: gptGraph(model, true),
      model_no_cache: gptGraph(model, false),
      model_int8: gptGraph(model, true, true),
    };
  if (model instanceof BERT) return { model: bertGraph(model), model_int8: bertGraph(model, true) };
  if (model instanceof ViT) return { model: vitGraph(model), model_int8: vitGraph(model, true) };
  fail('onnxFiles', 'the model is a GPT, a BERT or a ViT', display(model));
}
