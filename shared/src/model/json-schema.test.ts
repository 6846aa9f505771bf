import { z } from 'zod';
import { configurationJsonSchema } from './json-schema.ts';

describe('configurationJsonSchema', () => {
  const schema = configurationJsonSchema();
  // Read back as a validator, so that it is the document that is tested and not how it was made.
  const validator = z.fromJSONSchema(schema);
  const accepts = (document: unknown) => validator.safeParse(document).success;

  it('is a document of draft 2020-12 with every object under its name', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Headgate configuration',
    });
    expect(Object.keys(schema['$defs'] as object)).toEqual(
      expect.arrayContaining([
        'Configuration',
        'Backend',
        'Server',
        'Host',
        'Route',
        'RouteMatch',
        'PathMatch',
        'HttpHealthCheck',
        'TcpHealthCheck',
      ]),
    );
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  it('accepts what the control plane accepts', () => {
    expect(accepts({ backends: [], hosts: [] })).toBe(true);
    expect(
      accepts({
        backends: [
          {
            name: 'web',
            servers: [{ address: '10.0.0.1', port: 80, weight: 2 }],
            healthCheck: { type: 'http', path: '/x' },
          },
        ],
        hosts: [{ host: '*', routes: [{ match: { path: { prefix: '/api' } }, backend: 'web' }] }],
      }),
    ).toBe(true);
  });

  it.each([
    {},
    { backends: [] },
    { backends: [], hosts: [], colour: 1 },
    { backends: [{ name: '-' }], hosts: [] },
    { backends: [{ name: 'web', session: { cookie: 'a b' } }], hosts: [] },
    { backends: [{ name: 'web', servers: [{ address: '10.0.0.1', port: 0 }] }], hosts: [] },
    { backends: [{ name: 'web', healthCheck: { type: 'udp' } }], hosts: [] },
    { backends: [], hosts: [{ host: 'a', routes: [] }] },
  ])('refuses %j', (document) => {
    expect(accepts(document)).toBe(false);
  });
});
