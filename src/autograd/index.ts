export { type BackwardOptions, backward } from './backward.ts';
export { defineOp, type Gradients, type Op, type OpDefinition } from './defineOp.ts';
export { type GradcheckOptions, gradcheck } from './gradcheck.ts';
export { detectAnomaly, isRecording, noGrad } from './mode.ts';
