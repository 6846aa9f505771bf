import type { Fault } from './fault.ts';

const stateFault: Omit<Fault, 'pointer'> = {
  code: 'state_elsewhere',
  detail: '"state" is no part of a backend or configuration: it is kept apart from them, so that they do not undo it',
  fix: 'remove it here, and write it to the server: PATCH /api/v1/backends/{name}/servers/{address:port} {"state": "draining"}',
};

/** Fields that are written somewhere else, by the `id` of the schema that refuses them. */
const elsewhereFields: Readonly<Record<string, Readonly<Record<string, Omit<Fault, 'pointer'>>>>> = {
  Server: { state: stateFault },
  ArticleServer: { state: stateFault },
};

/** Where a field is written that this object does not take; undefined when nowhere. */
export function elsewhereFault(schemaId: string | undefined, field: string): Omit<Fault, 'pointer'> | undefined {
  if (schemaId === undefined || !Object.hasOwn(elsewhereFields, schemaId)) return undefined;
  const fields = elsewhereFields[schemaId]!;
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}
