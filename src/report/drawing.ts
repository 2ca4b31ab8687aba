import * as echarts from 'echarts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A chart as the text of an SVG. */
export function drawing(size: Size, chartOption: echarts.EChartsCoreOption): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily: 'sans-serif' },
      ...chartOption,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
