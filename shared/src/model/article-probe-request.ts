import { z } from 'zod';
import { probeFieldSchema, probeHostSchema, probeMethods, probePathSchema, type ProbeHeader } from './health-check.ts';

const MAX_LENGTH = 8_192;
const SHOWN = 'such as "GET /status HTTP/1.0\\r\\nHost: app.example.com\\r\\n\\r\\n"';

/** What a raw request says, in the words of a native health check. */
export interface ProbeRequestText {
  readonly method: (typeof probeMethods)[number];
  readonly path: string;
  readonly host?: string | undefined;
  readonly headers?: ProbeHeader[] | undefined;
}

type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/**
 * Article 000's `http_req`: the head of a request (RFC 9112 section 3) as one text, read strictly. Probes are sent as
 * HTTP/1.1 with `Connection: close`, whatever version the text names.
 */
export const articleProbeRequestSchema = z
  .string({ error: `is not the text of a request — write one ${SHOWN}` })
  .transform((text, context): ProbeRequestText => {
    const read = readProbeRequest(text);
    if (read.ok) return read.value;
    context.addIssue({ code: 'custom', message: read.message });
    return z.NEVER;
  });

/** `message` says what is wrong, a dash, and the way out. */
function readProbeRequest(text: string): Reading<ProbeRequestText> {
  const lines = readLines(text);
  if (!lines.ok) return lines;
  const [first = '', ...rest] = lines.value;
  const start = readStart(first);
  if (!start.ok) return start;
  const fields = readFields(rest);
  if (!fields.ok) return fields;
  const { version, method, path } = start.value;
  const { host, headers } = fields.value;
  if (version === '1.1' && host === undefined)
    return wrong('is HTTP/1.1 without a Host field — add "Host: app.example.com", or write HTTP/1.0');
  return {
    ok: true,
    value: { method, path, ...(host === undefined ? {} : { host }), ...(headers.length === 0 ? {} : { headers }) },
  };
}

function readLines(text: string): Reading<readonly string[]> {
  if (text.length > MAX_LENGTH) return wrong(`is longer than ${MAX_LENGTH} characters — leave fields out`);
  const lines = text.split('\r\n');
  if (lines.some((line) => /[\r\n]/.test(line)))
    return wrong('has a line that does not end with "\\r\\n" — end every line with both characters');
  if (!text.endsWith('\r\n\r\n'))
    return wrong(`does not end with an empty line — end it with "\\r\\n\\r\\n", ${SHOWN}`);
  if (lines.indexOf('') !== lines.length - 2)
    return wrong('has something after the empty line — a probe has no content: end it with one "\\r\\n\\r\\n"');
  return { ok: true, value: lines.slice(0, -2) };
}

interface Start {
  readonly method: (typeof probeMethods)[number];
  readonly path: string;
  readonly version: string;
}

function readStart(line: string): Reading<Start> {
  const parts = /^([^ ]+) ([^ ]+) HTTP\/(1\.[01])$/.exec(line);
  if (parts === null)
    return wrong('has no valid first line — begin with a method, a path and a version, as in "GET /status HTTP/1.0"');
  const [, name = '', target, version = ''] = parts;
  const method = probeMethods.find((known) => known === name);
  if (method === undefined) return wrong(`has another method than a probe may have — use ${probeMethods.join(', ')}`);
  const path = checked(probePathSchema, target, 'path');
  return path.ok ? { ok: true, value: { method, path: path.value, version } } : path;
}

interface Fields {
  readonly host: string | undefined;
  readonly headers: ProbeHeader[];
}

function readFields(lines: readonly string[]): Reading<Fields> {
  const headers: ProbeHeader[] = [];
  let host: string | undefined;
  for (const line of lines) {
    const parts = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (parts === null) return wrong('has a line that is no field — write a name, a colon and a value on every line');
    const [, name = '', value = ''] = parts;
    if (/^connection$/i.test(name) && /^close$/i.test(value)) continue; // what every probe says
    const isHost = name.toLowerCase() === 'host';
    if (isHost && host !== undefined) return wrong('has more than one Host field — leave one of them');
    const field = isHost
      ? checked(probeHostSchema, value, 'Host field')
      : checked(probeFieldSchema, { name, value }, 'field');
    if (!field.ok) return field;
    if (typeof field.value === 'string') host = field.value;
    else headers.push(field.value);
  }
  if (headers.length > 16) return wrong('has more than 16 fields — remove some');
  return { ok: true, value: { host, headers } };
}

function checked<T>(schema: z.ZodType<T>, input: unknown, noun: string): Reading<T> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  return wrong(`has a ${noun} that ${result.error.issues[0]?.message ?? 'is not valid — correct it'}`);
}

function wrong(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
