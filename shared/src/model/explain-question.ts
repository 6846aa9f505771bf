import { z } from 'zod';
import { canonicalAddress } from './address.ts';
import { checkSchema } from './check-schema.ts';
import type { Checked, Fault } from './fault.ts';
import { limitFaults } from './limit-faults.ts';
import { TOKEN } from './token.ts';

const METHOD_MESSAGE = 'is not a method — use at most 32 letters, such as GET';
const URL_MESSAGE =
  'is not a URL of a request — write http:// or https:// with a host, or a path beside a Host header, at most 8,192 visible ASCII characters';
const NAME_MESSAGE = "is not the name of a header — use 1 to 128 letters, digits and !#$%&'*+-.^_`|~";
const VALUE_MESSAGE =
  'is not the value of a header, or a list of them — use at most 8,192 printable ASCII characters each';
const HEADER_FIX =
  'use 1 to 128 letters, digits and hyphens for the name, and at most 8,192 printable ASCII characters for each value';
const ADDRESS_MESSAGE = 'is not an IP address — write 192.0.2.1 or 2001:db8::1';

const MAX_LENGTH = 8_192;
/** What data planes take of a request. */
const MAX_FIELDS = 100;
const MAX_FIELD_BYTES = 16_384;

const valueSchema = z
  .string({ error: VALUE_MESSAGE })
  .max(MAX_LENGTH, VALUE_MESSAGE)
  .regex(/^[\t\x20-\x7e]*$/, VALUE_MESSAGE);

/** A request of which is asked how a data plane would serve it. Whatever a client could send may be asked about. */
export const explainQuestionSchema = z
  .strictObject({
    method: z
      .string({ error: METHOD_MESSAGE })
      .max(32, METHOD_MESSAGE)
      .regex(TOKEN, METHOD_MESSAGE)
      .optional()
      .meta({ description: 'Default GET.' }),
    url: z
      .string({ error: URL_MESSAGE })
      .max(MAX_LENGTH, URL_MESSAGE)
      .regex(/^[\x21-\x7e]+$/, URL_MESSAGE)
      .meta({
        description: 'With its host, or path and query beside a Host header.',
        examples: ['https://app.example.com/cart?page=2'],
      }),
    headers: z
      .record(
        z.string().max(128, NAME_MESSAGE).regex(TOKEN, NAME_MESSAGE),
        z.union([valueSchema, z.array(valueSchema)], { error: VALUE_MESSAGE }),
        { error: 'is not an object of headers — write {"cookie": "route=…"}' },
      )
      .refine((headers) => Object.values(headers).flat().length <= MAX_FIELDS, {
        error: `has more than ${MAX_FIELDS} headers — remove some`,
      })
      .refine((headers) => bytesOf(headers) <= MAX_FIELD_BYTES, {
        error: `has more than ${MAX_FIELD_BYTES} characters of headers — remove some`,
      })
      .optional()
      .meta({ description: 'As the client sends them; a list for several lines of one name. Never logged.' }),
    clientAddress: z
      .string({ error: ADDRESS_MESSAGE })
      .max(64, ADDRESS_MESSAGE)
      .refine((text) => canonicalAddress(text) !== undefined, ADDRESS_MESSAGE)
      .optional()
      .meta({ description: 'Who connects to the data plane. Default 127.0.0.1.' }),
  })
  .meta({ id: 'ExplainQuestion' });

type Document = z.infer<typeof explainQuestionSchema>;

/** The request with its defaults. */
export interface ExplainQuestion {
  readonly method: string;
  /** Absolute, or path and query. */
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly clientAddress: string;
}

/** The question in a document, or every fault of it. */
export function parseExplainQuestion(input: unknown): Checked<ExplainQuestion> {
  const checked = checkExplainQuestion(explainQuestionSchema, input);
  return checked.ok ? { ok: true, value: resolveExplainQuestion(checked.value) } : checked;
}

/** Checks a document that has at least the fields of a question. No fault repeats what a header holds. */
export function checkExplainQuestion<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const checked = checkSchema(schema, input);
  return checked.ok ? checked : { ok: false, faults: limitFaults(checked.faults).map(withoutHeaders) };
}

function withoutHeaders(fault: Fault): Fault {
  if (fault.pointer === '/headers') return { ...fault, detail: 'the headers are not as they can be sent' };
  if (!fault.pointer.startsWith('/headers/')) return fault;
  return { ...fault, detail: 'the header has a name or a value that cannot be sent', fix: HEADER_FIX };
}

/** Spaces around a value are none of its own (RFC 9110 section 5.5). */
export function resolveExplainQuestion(document: Document): ExplainQuestion {
  const { method = 'GET', url, headers = {}, clientAddress = '127.0.0.1' } = document;
  const fields = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => ({ name, value: value.trim() })),
  );
  return { method, url, headers: fields, clientAddress: canonicalAddress(clientAddress) ?? clientAddress };
}

function bytesOf(headers: Readonly<Record<string, string | string[]>>): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values].flat()) bytes += name.length + value.length;
  }
  return bytes;
}
