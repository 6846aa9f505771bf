/** Between what a server says and what it does. */
const MARGIN_MS = 1_000;

/** How long a server says that it keeps an idle connection (`Keep-Alive: timeout=5`), with a margin; else Infinity. */
export function keepAliveHintMs(rawHeaders: readonly string[]): number {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length !== 10 || name.toLowerCase() !== 'keep-alive') continue;
    const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(rawHeaders[index + 1]!)?.[1];
    if (seconds !== undefined) return Math.max(0, Number(seconds) * 1_000 - MARGIN_MS);
  }
  return Infinity;
}
