/** The chart library, which its own script makes global. */
declare const uPlot: typeof import('uplot').default;
