import { z } from 'zod';
import { configurationWarnings, type ConfigurationWarning } from '../../intent/configuration-warnings.ts';
import { overrideNames } from '../../intent/server-state.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { take } from '../take.ts';
import { warningSchema } from '../warning-item.ts';

const CURSOR = /^(backend|host|override)\/(.{1,300})\/(\d{1,6})$/;

/** In the order in which they are listed. */
const kinds: readonly ConfigurationWarning['kind'][] = ['backend', 'host', 'override'];

/** Where a page ends: after this warning. */
interface Cursor {
  readonly kind: ConfigurationWarning['kind'];
  readonly name: string;
  readonly route: number;
}

const warningsQuery = pageQuery.extend({
  after: z
    .string()
    .regex(CURSOR, 'is not the end of a page — use the next of the page before')
    .transform(cursorOf)
    .optional()
    .meta({ description: 'The next of the page before.' }),
});

export function listWarnings({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'listWarnings',
    method: 'get',
    path: '/api/v1/config/warnings',
    tag: 'config',
    summary:
      'Lists what is valid and yet hardly meant: shadowed routes, unused backends, backends in use without (active) servers, overrides without a server',
    scope: 'read',
    query: warningsQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('WarningPage', warningSchema) } },
    handle({ query: { limit, after } }) {
      const { backends, hosts } = desired.state.value;
      const subjects = {
        backends: from('backend', sortedNames(backends), after),
        hosts: from('host', sortedNames(hosts), after),
        overrides: from('override', overrideNames(desired.state.value), after),
      };
      const found = take(beyond(after, configurationWarnings(desired.state.value, subjects)), limit + 1);
      const items = found.slice(0, limit);
      return { status: 200, body: found.length > limit ? { items, next: nextOf(items.at(-1)!) } : { items } };
    },
  });
}

function cursorOf(text: string): Cursor {
  const [, kind, name = '', route] = CURSOR.exec(text) ?? [];
  return { kind: kinds.find((known) => known === kind) ?? 'backend', name, route: Number(route) };
}

function nextOf({ kind, name, route = 0 }: ConfigurationWarning): string {
  return `${kind}/${name}/${route}`;
}

/** The names of a kind that the page before has not gone past. */
function from(kind: Cursor['kind'], names: readonly string[], after: Cursor | undefined): readonly string[] {
  if (after === undefined || kinds.indexOf(kind) > kinds.indexOf(after.kind)) return names;
  return kind === after.kind ? names.filter((name) => name >= after.name) : [];
}

/** Of the object at which the page before ended, what was shown is left out. */
function* beyond(after: Cursor | undefined, warnings: Iterable<ConfigurationWarning>): Iterable<ConfigurationWarning> {
  for (const warning of warnings) {
    const { kind, name, route = 0 } = warning;
    if (after?.kind !== kind || after.name !== name || route > after.route) yield warning;
  }
}
