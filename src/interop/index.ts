export {
  type HuggingFaceOptions,
  huggingFaceFiles,
  type InteropModel,
  importHuggingFace,
} from './huggingFace.ts';
export { roundToInt8 } from './int8.ts';
export { onnxFiles } from './onnx/files.ts';
export { importTokenizer } from './tokenizerFiles.ts';
