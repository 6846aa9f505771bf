import { z } from 'zod';
import { switchSchema } from './switch-schema.ts';

const MESSAGE = 'is not a message — use at most 1,000 characters without control characters';

/** Spelled out, not \P{Cc}: the pattern is published, and few tools for OpenAPI know Unicode's categories. */
const WITHOUT_CONTROLS = new RegExp(String.raw`^[^\x00-\x1f\x7f-\x9f]*$`);
const messageSchema = z.string().max(1_000, MESSAGE).regex(WITHOUT_CONTROLS, MESSAGE);

/** Query of operations that change something. */
export const changeQuery = z.strictObject({
  dryRun: switchSchema('Shows what the change would do, with warnings, and changes nothing.'),
  force: switchSchema('Lets the change pass that the change guard would hold.'),
  message: messageSchema
    .optional()
    .meta({ description: 'Why, for the history: at most 1,000 characters. Wins over the header.' }),
});

/** Query of operations that change something beside the configuration. */
export const messageQuery = changeQuery.pick({ message: true });

/** Header of operations that change something. */
export const messageHeader = {
  'headgate-message': z
    .string()
    .transform(decodeHeader)
    .pipe(messageSchema)
    .optional()
    .meta({ description: 'Why, for the history: at most 1,000 characters, UTF-8.' }),
};

export interface MessageParameters {
  readonly query: { readonly message?: string | undefined };
  readonly headers: { readonly 'headgate-message'?: string | undefined };
}

/** Why the caller makes a change, "" when it says nothing. */
export function messageOf({ query, headers }: MessageParameters): string {
  return query.message ?? headers['headgate-message'] ?? '';
}

/** Node hands headers over byte by byte. What is no UTF-8 stays so. */
function decodeHeader(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
