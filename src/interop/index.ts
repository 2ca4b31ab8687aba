export {
  type HuggingFaceOptions,
  huggingFaceFiles,
  type InteropModel,
  importHuggingFace,
} from './huggingFace.ts';
export { importTokenizer } from './tokenizerFiles.ts';
