import { svgDocument, svgText } from './svg.ts';

export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly marked: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 340, 60, 190, 56, 48];

/** Lines over a logarithmic x axis; y begins at 0. */
export function lineChart({ title, xTitle, yTitle, lines }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const top = niceTop(Math.max(...points.map(({ y }) => y)));
  const [first, last] = [Math.log(xs[0]!), Math.log(xs.at(-1)!)];
  const toX = (x: number): number => LEFT + ((Math.log(x) - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number): number => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM);
  return svgDocument({ width: WIDTH, height: HEIGHT }, [
    svgText(title, { x: 16, y: 24, weight: 'bold' }),
    svgText(yTitle, { x: 16, y: 44, fill: '#666' }),
    ...[0, top / 4, top / 2, (top * 3) / 4, top].flatMap((y) => gridLine(y, toY(y))),
    ...xs.map((x) => svgText(String(x), { x: toX(x), y: HEIGHT - BOTTOM + 18, anchor: 'middle', fill: '#666' })),
    svgText(xTitle, { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 8, anchor: 'middle', fill: '#666' }),
    ...lines.flatMap((line) => drawLine(line, toX, toY)),
  ]);
}

function drawLine({ name, points, marked }: Line, toX: (x: number) => number, toY: (y: number) => number): string[] {
  const path = points.map(({ x, y }) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(' ');
  const end = points.at(-1)!;
  const colour = marked ? '#0b7285' : '#868e96';
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
    svgText(`${name}: ${end.y.toFixed(1)}`, {
      x: toX(end.x) + 8,
      y: toY(end.y) + 4,
      ...(marked && { weight: 'bold' }),
    }),
  ];
}

function gridLine(value: number, y: number): string[] {
  return [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#e9ecef"/>`,
    svgText(value.toFixed(0), { x: LEFT - 8, y: y + 4, anchor: 'end', fill: '#666' }),
  ];
}

/** A little more than the value, so that quarters are round. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8].find((step) => step * power >= value) ?? 10);
}
