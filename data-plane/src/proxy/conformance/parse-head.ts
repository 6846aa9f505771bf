import { WireFault, type WireField, type WireHead, type WireResponseHead } from './wire-message.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\xff]+) HTTP\/(1\.1)$/;
const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)$/;

/** Reads a head with its empty line, forgiving nothing (RFC 9112, 2 to 5). */
export function parseHead(text: string): WireHead {
  const [startLine = '', ...lines] = text.slice(0, -4).split('\r\n');
  return { startLine, fields: lines.map(parseField) };
}

export function parseField(line: string): WireField {
  const colon = line.indexOf(':');
  const [name, value] = [line.slice(0, colon), line.slice(colon + 1)];
  if (colon < 0 || !TOKEN.test(name) || !VALUE.test(value)) throw new WireFault(`no field: ${JSON.stringify(line)}`);
  return [name, value.replace(/^[ \t]+|[ \t]+$/g, '')];
}

/** What a forwarder sends to a server is HTTP/1.1, whatever its client speaks (RFC 9110, 2.5). */
export function parseRequestHead(text: string): WireHead & { method: string; target: string; version: string } {
  const head = parseHead(text);
  const parts = REQUEST_LINE.exec(head.startLine);
  if (parts === null) throw new WireFault(`no request line: ${JSON.stringify(head.startLine)}`);
  const [, method = '', target = '', version = ''] = parts;
  return { ...head, method, target, version };
}

export function parseResponseHead(text: string): WireResponseHead {
  const head = parseHead(text);
  const parts = STATUS_LINE.exec(head.startLine);
  if (parts === null) throw new WireFault(`no status line: ${JSON.stringify(head.startLine)}`);
  return { ...head, version: parts[1] ?? '', status: Number(parts[2]) };
}
