export type { Gradients } from './alignGradients.ts';
export { type BackwardOptions, type BackwardStep, backward } from './backward.ts';
export { defineOp, type Op, type OpDefinition, type OpDefinitionOfSeveral } from './defineOp.ts';
export { type DifferenceOptions, type GradcheckOptions, gradcheck } from './gradcheck.ts';
export { gradcheckModule, type Parametric } from './gradcheckModule.ts';
export { type RecordedCall, recordedCalls } from './graph.ts';
export { detectAnomaly, isRecording, noGrad } from './mode.ts';
export { type GradientReceiver, receiveGradients } from './receivers.ts';
