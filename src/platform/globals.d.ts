/** The part of a browser's globals that is used here and that Node's types lack. */
declare var crossOriginIsolated: boolean | undefined;
declare var location: { readonly href: string };
declare var navigator: { readonly hardwareConcurrency: number };
declare var Worker: import('./platform.ts').Platform['Worker'];
