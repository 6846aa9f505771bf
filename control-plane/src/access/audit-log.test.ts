import { AccessStage } from './access-stage.cases.ts';
import { AuditLog, type RefusedRequest } from './audit-log.ts';

const refusal: RefusedRequest = {
  operation: 'putBackend',
  remote: '10.0.0.1',
  actor: 'ci',
  objects: ['backend/web'],
  code: 'HEADGATE_FORBIDDEN',
};
const stranger = { ...refusal, actor: undefined, objects: [], code: 'HEADGATE_UNAUTHENTICATED' };

describe('AuditLog', () => {
  let stage: AccessStage;
  let audit: AuditLog;
  beforeEach(async () => {
    stage = await AccessStage.open({ refusals: 100 });
    audit = new AuditLog({ store: stage.store.access, clock: stage.clock, logger: stage.logger });
  });
  afterEach(async () => {
    await audit.close();
    await stage.close();
  });

  it('makes one entry of refusals that are alike, within five seconds', async () => {
    for (let times = 0; times < 1_000; times++) audit.refused(refusal);
    audit.refused({ ...refusal, remote: '10.0.0.2' });
    expect(await stage.audit()).toEqual([]);
    stage.clock.advance(5_000);
    expect((await stage.audit()).map(({ remote, count }) => [remote, count])).toEqual([
      ['10.0.0.2', 1],
      ['10.0.0.1', 1_000],
    ]);
  });

  it('shows what has just been refused', async () => {
    audit.refused(refusal);
    expect(await audit.read({ limit: 10 })).toMatchObject([{ ...refusal, outcome: 'refused', count: 1 }]);
  });

  it('tells fifty kinds apart, and counts the others together', async () => {
    for (let address = 0; address < 300; address++) audit.refused({ ...stranger, remote: `10.0.1.${address}` });
    const entries = await audit.read({ limit: 1_000 });
    expect(entries.length).toBeLessThanOrEqual(51);
    expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(300);
    expect(entries.find(({ remote }) => remote === 'several')).toMatchObject({ operation: 'several', count: 250 });
  });

  it('lets no flood of refusals push out writes, nor those of strangers push out those of known callers', async () => {
    await audit.wrote({ ...stage.author.origin, actor: 'admin', message: '', objects: ['x/y'], changes: 1 });
    audit.refused(refusal);
    await audit.flush();
    for (let round = 0; round < 20; round++) {
      for (let address = 0; address < 40; address++) audit.refused({ ...stranger, remote: `10.${round}.1.${address}` });
      await audit.flush();
    }
    const entries = await stage.audit();
    expect(entries.filter(({ outcome }) => outcome === 'written')).toHaveLength(1);
    expect(entries.filter(({ actor }) => actor === 'ci')).toHaveLength(1);
    expect(entries.filter(({ outcome, actor }) => outcome === 'refused' && actor === undefined)).toHaveLength(100);
  });

  it('keeps refusals, boundedly, until a full store has room again', async () => {
    audit.refused(refusal);
    stage.store.limitBytes(4_096);
    const large = { ...refusal, objects: ['x'.repeat(200_000)] };
    audit.refused(large);
    await audit.flush();
    expect(await stage.audit()).toEqual([]);
    audit.refused(refusal);
    stage.store.limitBytes(undefined);
    await audit.flush();
    expect((await stage.audit()).map(({ count }) => count).sort()).toEqual([1, 2]);
  });

  it('forgets what is too old, also when nothing happens', async () => {
    await audit.wrote({ ...stage.author.origin, actor: 'admin', message: '', objects: [], changes: 0 });
    stage.clock.advance(91 * 24 * 3_600_000);
    expect(await stage.audit()).toEqual([]);
  });
});
