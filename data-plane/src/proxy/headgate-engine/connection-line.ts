import type { HttpVersion } from '../forwarder.ts';

/** What Connection says in an answer, with its line end, or "": HTTP/1.0 has to be told when the connection stays. */
export function connectionLine(version: HttpVersion, closes: boolean): string {
  if (closes) return 'Connection: close\r\n';
  return version === '1.0' ? 'Connection: keep-alive\r\n' : '';
}
