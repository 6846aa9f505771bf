import { z } from 'zod';

const MESSAGE = 'is not a message — use at most 1,000 characters without control characters';

const messageSchema = z
  .string()
  .max(1_000, MESSAGE)
  .regex(/^\P{Cc}*$/u, MESSAGE);

/** Query of operations that change something. */
export const changeQuery = z.strictObject({
  message: messageSchema
    .optional()
    .meta({ description: 'Why, for the history: at most 1,000 characters. Wins over the header.' }),
});

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
