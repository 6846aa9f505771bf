import { backendSchema } from './backend.ts';
import { checkSchema } from './check-schema.ts';
import { parseServerResource, serverItemSchema } from './server-resource.ts';
import type { Checked } from './fault.ts';

const server = { address: '10.0.0.1', port: 80 };

function codesOf(checked: Checked<unknown>): readonly string[] {
  return checked.ok ? [] : checked.faults.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe('parseServerResource', () => {
  it('gives the server in its one spelling, and its state apart from it', () => {
    const input = { port: 80, address: 'FD00::0:1', weight: 1_000, state: 'draining', sources: ['static'] };
    expect(parseServerResource(input)).toEqual({
      ok: true,
      value: { document: { address: 'fd00::1', port: 80, weight: 1_000 }, state: 'draining' },
    });
    expect(parseServerResource(server)).toEqual({ ok: true, value: { document: server, state: undefined } });
  });

  it('gives all faults at once', () => {
    expect(codesOf(parseServerResource([]))).toEqual(['wrong_type ']);
    expect(
      [...codesOf(parseServerResource({ address: '10.0.0.1', state: 'down', sources: [], colour: 1 }))].sort(),
    ).toEqual(['invalid_value /sources', 'invalid_value /state', 'required /port', 'unknown_field /colour']);
  });

  it('takes back what is shown, and nothing else as sources', () => {
    const shown = serverItemSchema.parse({ ...server, state: 'disabled', sources: ['static'] });
    expect(parseServerResource(shown)).toMatchObject({ ok: true, value: { state: 'disabled' } });
    for (const sources of [[], 'static', null, ['somewhere']]) {
      expect(parseServerResource({ ...server, sources }).ok).toBe(false);
    }
  });
});

describe('the state of a server', () => {
  it('is refused inside of a backend, which says where it is written', () => {
    const checked = checkSchema(backendSchema, { name: 'web', servers: [{ ...server, state: 'draining' }] });
    const faults = checked.ok ? [] : [...checked.faults];
    expect(faults).toEqual([
      {
        pointer: '/servers/0/state',
        code: 'state_elsewhere',
        detail: expect.stringContaining('kept apart') as string,
        fix: expect.stringContaining('PATCH /api/v1/backends/{name}/servers/{address:port}') as string,
      },
    ]);
  });
});
