import { HeadgateError } from '@headgate/shared/error';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import fc from 'fast-check';
import { MemoryMembership } from '../membership/membership.cases.ts';
import { findBackends } from './registration-lookup.ts';
import { registrationOwner, Registrations } from './registrations.ts';

const port = fc.integer({ min: 1, max: 4 });
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('register'), port, weight: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove'), port }) },
  fc.record({ kind: fc.constant('hold') }),
  fc.record({ kind: fc.constant('release') }),
  fc.record({ kind: fc.constant('settle') }),
  fc.record({ kind: fc.constant('fail'), failing: fc.boolean() }),
);

type Action = Readonly<{ kind: string; port?: number; weight?: number; failing?: boolean }>;

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Asks without waiting for answers; returns how each server ended, by what the system says. */
async function run(actions: readonly Action[]): Promise<{
  readonly members: Record<string, number | undefined>;
  readonly leases: number;
}> {
  const membership = new MemoryMembership();
  const findBackend = findBackends(() => ({ registration: {} }));
  const logger = createLogger('test', 'silent');
  const registrations = new Registrations({ writer: membership, findBackend, clock: new ManualClock(), logger });
  registrations.start();
  const asked: Promise<unknown>[] = [];
  for (const { kind, port: which = 0, weight = 0, failing = false } of actions) {
    const name = { backend: 'web', endpoint: `10.0.0.1:${which}` };
    if (kind === 'register') {
      const document = { address: '10.0.0.1', port: which, weight };
      asked.push(registrations.register('web', [{ endpoint: name.endpoint, documentAfter: () => document }]));
    } else if (kind === 'remove') asked.push(registrations.remove(name));
    else if (kind === 'hold') membership.hold();
    else if (kind === 'release') membership.release();
    else if (kind === 'settle') await settle();
    else membership.fail(failing ? new HeadgateError('HEADGATE_STORE_FULL', 'full') : undefined);
    await Promise.resolve();
  }
  membership.fail(undefined);
  membership.release();
  await Promise.allSettled(asked);
  await registrations.close();
  const found = [...(membership.membersOf(registrationOwner).get('web') ?? [])];
  return {
    members: Object.fromEntries(found.map(([endpoint, { document }]) => [endpoint, document.weight])),
    leases: registrations.counts().get('web') ?? 0,
  };
}

describe('registrations that come all at once', () => {
  it('leave leases exactly where there are members, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { members, leases } = await run(actions);
        expect(leases).toBe(Object.keys(members).length);
      }),
      { numRuns: 200 },
    );
  });

  it('end as the last of each server said, when nothing fails and each is asked after the one before was durable or joined', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const wanted: Record<string, number> = {};
        const ordered: Action[] = [];
        for (const one of actions.filter(({ kind }) => kind === 'register' || kind === 'remove') as Action[]) {
          ordered.push(one, { kind: 'settle' });
          const endpoint = `10.0.0.1:${one.port}`;
          if (one.kind === 'register') wanted[endpoint] = one.weight!;
          else delete wanted[endpoint];
        }
        expect((await run(ordered)).members).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });
});
