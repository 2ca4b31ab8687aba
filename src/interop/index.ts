export {
  type HuggingFaceOptions,
  huggingFaceFiles,
  type InteropModel,
  importHuggingFace,
} from './huggingFace.ts';
export { onnxFiles } from './onnx/files.ts';
export { importTokenizer } from './tokenizerFiles.ts';
