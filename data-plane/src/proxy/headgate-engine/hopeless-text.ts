const HOPELESS = /[^\t\r\n\x20-\x7e\x80-\xff]|(?:^|[^\r])\n|\r[^\n]/;

/** Whether the beginning of some lines can become nothing valid however they go on: control characters, bare CR or LF. */
export function isHopeless(text: string): boolean {
  return HOPELESS.test(text);
}
