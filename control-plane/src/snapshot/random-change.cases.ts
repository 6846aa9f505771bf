import fc from 'fast-check';
import type { ConfigurationHistory } from './configuration-history.cases.ts';

/** One change that an operator makes, as far as it is possible then. */
export type RandomChange = (history: ConfigurationHistory) => void;

const backendName = fc.constantFrom('a', 'b', 'c', 'd');
const port = fc.integer({ min: 1, max: 6 });
const pattern = fc.constantFrom('x.example', 'y.example', '*.example', '*');

/** Changes of a small configuration, so that they meet. */
export const randomChange: fc.Arbitrary<RandomChange> = fc.oneof(
  fc.tuple(backendName, fc.boolean()).map(([name, via]) => (history: ConfigurationHistory) => {
    history.putBackend(name, { via });
  }),
  backendName.map((name) => (history: ConfigurationHistory) => {
    const entry = history.intent.backends.get(name);
    if (entry?.usedBy === 0) history.deleteBackend(name);
  }),
  fc
    .tuple(backendName, port, fc.integer({ min: 1, max: 3 }))
    .map(([name, number, weight]) => (history: ConfigurationHistory) => {
      if (history.intent.backends.has(name)) history.putServer(name, number, weight);
    }),
  fc.tuple(backendName, port).map(([name, number]) => (history: ConfigurationHistory) => {
    const known = history.intent.backends.get(name)?.servers.has(`10.0.0.1:${number}`);
    if (known === true) history.deleteServer(name, number);
  }),
  fc
    .tuple(backendName, port, fc.constantFrom('active' as const, 'draining' as const, 'disabled' as const))
    .map(([name, number, state]) => (history: ConfigurationHistory) => {
      const entry = history.intent.backends.get(name);
      const isSet = entry?.overrides.has(`10.0.0.1:${number}`) === true;
      if (entry !== undefined && (isSet || state !== 'active')) history.setState(name, number, state);
    }),
  fc.tuple(pattern, backendName).map(([host, name]) => (history: ConfigurationHistory) => {
    if (history.intent.backends.has(name)) history.putHost(host, name);
  }),
  pattern.map((host) => (history: ConfigurationHistory) => {
    if (history.intent.hosts.has(host)) history.deleteHost(host);
  }),
);
