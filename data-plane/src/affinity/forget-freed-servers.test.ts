import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveBackend } from '@headgate/shared/model/backend';
import { ServingState } from '../routing/serving-state.ts';
import { full, host, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots, type ServerSlot } from '../upstream/server-slots.ts';
import { forgetFreedServers } from './forget-freed-servers.ts';
import type { SessionDecision } from './session-decision.ts';
import { SessionValues } from './session-values.ts';

describe('the session values of a server', () => {
  let slots: ServerSlots;
  let values: SessionValues;
  let serving: ServingState;
  let second: ServerSlot;
  let cookie: string | undefined;

  beforeEach(async () => {
    slots = new ServerSlots();
    values = new SessionValues();
    forgetFreedServers(values, slots);
    await values.adopt([{ id: 'key1', secret: Buffer.alloc(32, 1), issuing: true }]);
    const clock = new ManualClock();
    serving = new ServingState({ slots, drains: new DrainTimers({ slots, clock }), clock, values });
    await serve('active');
    second = slots.get('web/10.0.0.1:2')!;
    cookie = values.valueFor(second);
  });

  /** Two servers, the second of them in that state; undefined when it leaves. */
  async function prepare(state: string | undefined): Promise<{ commit(): void }> {
    const web = { kind: 'backend' as const, value: resolveBackend({ name: 'web', session: {} }) };
    const servers = [server('web', 1), ...(state === undefined ? [] : [server('web', 2, { state })])];
    const version = serving.table.value.id.version + 1;
    const prepared = await serving.prepare(full(version, web, ...servers, host('a.test', 'web')));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    return prepared;
  }

  async function serve(state: string | undefined): Promise<void> {
    (await prepare(state)).commit();
    await serving.settled;
  }

  function decision(): SessionDecision | undefined {
    const nowhere = { clientAddress: '', authority: '', path: '/' };
    const lookUps = { header: () => undefined, cookie: () => undefined, query: () => undefined };
    const { affinity } = serving.table.value.backends.get('web')!;
    return affinity?.explain({ ...nowhere, ...lookUps, sessionValue: cookie, tried: [] });
  }

  it('stay while it is disabled, so that it is known where its sessions come from', async () => {
    await serve('disabled');
    expect(decision()).toEqual({ kind: 'moved', server: second.key, reason: 'disabled' });
    await serve('active');
    expect(decision()).toEqual({ kind: 'kept', server: second.key });
  });

  it('stay when its last request ends while it is being enabled', async () => {
    slots.begin(second);
    await serve('disabled');
    const enabled = await prepare('active');
    slots.end(second);
    enabled.commit();
    expect([values.valueFor(second), decision()]).toEqual([cookie, { kind: 'kept', server: second.key }]);
  });

  it('go when it has left and its last request has ended', async () => {
    slots.begin(second);
    await serve(undefined);
    expect(values.valueFor(second)).toBe(cookie);
    slots.end(second);
    expect([values.valueFor(second), decision()]).toEqual([undefined, { kind: 'new' }]);
  });
});
