import { svgDocument, svgText } from './svg.ts';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ours. */
  readonly marked: boolean;
}

const WIDTH = 720;
const LEFT = 240;
const ROW = 26;
const TOP = 44;

/** Bars from left to right, one below the other, the smallest first. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const sorted = [...bars].sort((a, b) => a.value - b.value);
  const largest = Math.max(...sorted.map(({ value }) => value));
  const scale = (WIDTH - LEFT - 80) / largest;
  const shapes = sorted.flatMap(({ name, value, marked }, row) => {
    const y = TOP + row * ROW;
    const width = (value * scale).toFixed(1);
    return [
      svgText(name, { x: LEFT - 10, y: y + 14, anchor: 'end', ...(marked && { weight: 'bold' }) }),
      `<rect x="${LEFT}" y="${y}" width="${width}" height="${ROW - 7}" fill="${marked ? '#0b7285' : '#adb5bd'}"/>`,
      svgText(`${value.toFixed(1)} ${unit}`, { x: LEFT + Number(width) + 8, y: y + 14 }),
    ];
  });
  const heading = svgText(title, { x: 16, y: 24, weight: 'bold' });
  return svgDocument({ width: WIDTH, height: TOP + sorted.length * ROW + 12 }, [heading, ...shapes]);
}
