import { barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';

describe('charts', () => {
  it('sort bars, draw them in proportion, and escape names', () => {
    const bars = [
      { name: 'slow <&>', value: 40, marked: false },
      { name: 'fast', value: 10, marked: true },
    ];
    const svg = barChart('Costs', 'µs', bars);
    const widths = [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths[1]).toBeCloseTo(widths[0]! * 4, 0);
    expect(svg.indexOf('fast')).toBeLessThan(svg.indexOf('slow &lt;&amp;&gt;'));
    expect(svg).not.toContain('<&>');
  });

  it('draw lines over a logarithmic axis that begins at zero upwards', () => {
    const points = [1, 10, 100].map((x) => ({ x, y: x }));
    const svg = lineChart({ title: 'a', xTitle: 'b', yTitle: 'c', lines: [{ name: 'one', points, marked: true }] });
    const drawn = /<polyline points="([^"]+)"/
      .exec(svg)?.[1]
      ?.split(' ')
      .map((pair) => pair.split(',').map(Number));
    const [[x0], [x1], [x2, top]] = drawn as [[number], [number], [number, number]];
    expect(x1 - x0).toBeCloseTo(x2 - x1, 0);
    expect(top).toBeLessThan(100);
  });
});
