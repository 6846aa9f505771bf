import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import fc from 'fast-check';
import type { Plan } from './intent.ts';
import { planDeleteBackend } from './plan-delete-backend.ts';
import { planDeleteHost } from './plan-delete-host.ts';
import { planDeleteOverride } from './plan-delete-override.ts';
import { planDeleteServer } from './plan-delete-server.ts';
import { planPutBackend } from './plan-put-backend.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';
import { planPutHost } from './plan-put-host.ts';
import { planPutServer } from './plan-put-server.ts';

const name = fc.constantFrom('a', 'b', 'c');
const host = fc.constantFrom('x.example', '*.example', '*');
const server = fc.record(
  {
    address: fc.constantFrom('10.0.0.2', '10.0.0.10', 'fd00::1'),
    port: fc.constantFrom(80, 81),
    weight: fc.integer({ min: 1, max: 2 }),
  },
  { requiredKeys: ['address', 'port'] },
);
const endpoint = fc.constantFrom('10.0.0.2:80', '10.0.0.10:80', '[fd00::1]:81');
const serverState = fc.constantFrom('active' as const, 'draining' as const, 'disabled' as const);
const backend = fc.record(
  {
    name,
    servers: fc.uniqueArray(server, { maxLength: 4, selector: ({ address, port }) => `${address}:${port}` }),
    via: fc.boolean(),
    healthCheck: fc.constantFrom({ type: 'tcp' as const }, { fall: 2, type: 'http' as const, path: '/' }),
  },
  { requiredKeys: ['name', 'servers'] },
);
const hostDocument = fc.oneof(
  fc.record({ host, backend: name }),
  fc.record({ host, routes: fc.array(fc.record({ backend: name }), { minLength: 1, maxLength: 3 }) }),
);
const whole = fc
  .record({
    backends: fc.uniqueArray(backend, { maxLength: 3, selector: (document) => document.name }),
    hosts: fc.uniqueArray(hostDocument, { maxLength: 3, selector: (document) => document.host }),
  })
  .map(parseConfiguration)
  .filter((parsed) => parsed.ok)
  .map((parsed) => parsed.value);

/** Any change of a small configuration; many are refused by a rule. */
export const planArbitrary: fc.Arbitrary<Plan> = fc.oneof(
  backend.map(
    (document): Plan =>
      (state) =>
        planPutBackend(state, document),
  ),
  backend.map(
    (document): Plan =>
      (state) =>
        planPutBackend(state, document, { mustBeNew: true }),
  ),
  name.map(
    (subject): Plan =>
      (state) =>
        planDeleteBackend(state, subject),
  ),
  fc.record({ backend: name, document: server, state: serverState }, { requiredKeys: ['backend', 'document'] }).map(
    (subject): Plan =>
      (state) =>
        planPutServer(state, subject),
  ),
  fc.record({ backend: name, endpoint }).map(
    (subject): Plan =>
      (state) =>
        planDeleteServer(state, subject),
  ),
  fc.record({ backend: name, endpoint }).map(
    (subject): Plan =>
      (state) =>
        planDeleteOverride(state, subject),
  ),
  hostDocument.map(
    (document): Plan =>
      (state) =>
        planPutHost(state, document),
  ),
  host.map(
    (subject): Plan =>
      (state) =>
        planDeleteHost(state, subject),
  ),
  whole.map(
    (document): Plan =>
      (state) =>
        planPutConfiguration(state, document),
  ),
);
