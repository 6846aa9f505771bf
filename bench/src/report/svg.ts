/** An SVG document of this size on a white ground, so that it can be read on a dark page too. */
export function svgDocument(
  size: { readonly width: number; readonly height: number },
  shapes: readonly string[],
): string {
  const { width, height } = size;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">`;
  return [open, `<rect width="${width}" height="${height}" fill="#fff"/>`, ...shapes, '</svg>', ''].join('\n');
}

export interface TextOptions {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 'bold';
  readonly fill?: string;
}

export function svgText(text: string, { x, y, anchor = 'start', weight, fill = '#222' }: TextOptions): string {
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}"${bold}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
