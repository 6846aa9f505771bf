import { checkSchema } from '@headgate/shared/model/check-schema';
import { durationSchema, parseDuration } from '@headgate/shared/model/duration';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import { nameSchema } from '@headgate/shared/model/name';
import { z } from 'zod';
import type { NewToken } from '../access/token-register.ts';
import { tokenScopeSchema } from '../access/token-scope.ts';

const TIME_MESSAGE = 'is not a time — write it as RFC 3339 does: 2031-01-31T12:00:00Z';
const SCOPES_MESSAGE = 'is not a list of scopes — name 1 to 20 scopes, each once';
/** Ten years, in hours: what is longer is meant to be for ever. */
const LONGEST = '87600h';

/** Names that stand for others than tokens where it is said who did something. */
const takenNames: ReadonlySet<string> = new Set(['admin', 'anyone', 'initial-config', 'several']);

/** Content of the request that creates a token. */
export const tokenRequestSchema = z
  .strictObject({
    name: nameSchema,
    scopes: z.array(tokenScopeSchema, { error: SCOPES_MESSAGE }).min(1, SCOPES_MESSAGE).max(20, SCOPES_MESSAGE),
    expiresIn: durationSchema({ min: '1s', max: LONGEST }).optional().meta({ description: 'From now on.' }),
    expiresAt: z.iso.datetime({ offset: true, error: TIME_MESSAGE }).optional(),
  })
  .meta({ id: 'TokenRequest', description: 'Without expiresIn and expiresAt the token never expires.' });

/** The token that is wanted, or every reason why there cannot be such a one. */
export function parseTokenRequest(content: unknown, now: number): Checked<NewToken> {
  const checked = checkSchema(tokenRequestSchema, content);
  if (!checked.ok) return { ok: false, faults: limitFaults(checked.faults) };
  const { name, scopes, expiresIn, expiresAt } = checked.value;
  const faults = [...nameFaults(name), ...scopeFaults(scopes), ...expiryFaults(checked.value, now)];
  if (faults.length > 0) return { ok: false, faults };
  const end = expiresIn === undefined ? timeOf(expiresAt) : now + parseDuration(expiresIn)!;
  return { ok: true, value: { name, scopes, expiresAt: end } };
}

function nameFaults(name: string): readonly Fault[] {
  if (!takenNames.has(name)) return [];
  return [
    { pointer: '/name', code: 'reserved_name', detail: `${name} stands for something else`, fix: 'use another name' },
  ];
}

function scopeFaults(scopes: readonly string[]): readonly Fault[] {
  return scopes.flatMap((scope, index) =>
    scopes.indexOf(scope) === index
      ? []
      : [{ pointer: `/scopes/${index}`, code: 'duplicate', detail: `${scope} is there already`, fix: 'leave it out' }],
  );
}

function expiryFaults({ expiresIn, expiresAt }: z.output<typeof tokenRequestSchema>, now: number): readonly Fault[] {
  const pointer = '/expiresAt';
  if (expiresAt === undefined) return [];
  if (expiresIn !== undefined) {
    const detail = 'there is an expiresIn too, and they may differ';
    return [{ pointer, code: 'contradiction', detail, fix: 'leave one of them out' }];
  }
  if (timeOf(expiresAt)! > now) return [];
  return [{ pointer, code: 'past', detail: 'the time is over already', fix: 'use a time to come, or expiresIn' }];
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
