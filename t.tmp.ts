import { GPT } from './models/gpt.ts'; import { AdamW, decayGroups } from './optimizers/index.ts'; import { backward } from './src/autograd/index.ts'; import { clipGradNorm } from './src/train/clip.ts';
import { Tensor, manualSeed } from './src/tensor/index.ts';
const cfgs: Record<string, any> = { nano: {layers:4,heads:4,width:128,context:64,batch:12}, a: {layers:2,heads:4,width:48,context:128,batch:2}, b:{layers:4,heads:4,width:32,context:128,batch:2}, tiny: {layers:2,heads:4,width:64,context:128,batch:4}, tiny8: {layers:3,heads:4,width:64,context:96,batch:6}, sm: {layers:3,heads:4,width:64,context:128,batch:4}, def: {layers:3,heads:4,width:96,context:128,batch:16}, micro:{layers:2,heads:2,width:32,context:32,batch:8} };
const {batch, ...c} = cfgs[process.argv[2] ?? 'nano'];
manualSeed(1); const model = new GPT({vocabSize:65, ...c}); const opt = new AdamW(decayGroups(model,{weightDecay:0.1}),{lr:1e-3});
const n=model.parameters().reduce((a,p)=>a+p.size,0);
const T=c.context; const ids=(s:number)=>Tensor.over(Int32Array.from({length:batch*T},(_,i)=>(i*7+s*13)%65),[batch,T]);
const ts:number[]=[]; const N=+(process.argv[3]??12);
for(let s=0;s<N;s++){const t=performance.now(); const loss=model.loss(ids(s),ids(s+1)); opt.zeroGrad(); backward(loss); clipGradNorm(model.parameters(),1); opt.step(); ts.push(performance.now()-t); }
ts.sort((a,b)=>a-b); console.log('params',n,'median ms',ts[N>>1]!.toFixed(1), 'min', ts[0]!.toFixed(1));
