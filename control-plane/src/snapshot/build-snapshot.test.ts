import { decodeObject } from '@headgate/proto/object-codec';
import fc from 'fast-check';
import { buildSnapshot } from './build-snapshot.ts';
import { ConfigurationHistory } from './configuration-history.cases.ts';
import { initialSnapshot } from './initial-snapshot.ts';
import { randomChange } from './random-change.cases.ts';
import type { Snapshot } from './snapshot.ts';

function contentOf(snapshot: Snapshot): Record<string, unknown> {
  const entries = [...snapshot.objects.entries()].map(([key, { kind, body }]) => [key, decodeObject(kind, body).value]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

describe('building snapshots', () => {
  it('begins with version 1, which is empty', () => {
    const { newest } = new ConfigurationHistory('e');
    expect(newest.id).toEqual({ epoch: 'e', version: 1 });
    expect(newest.objects.size).toBe(0);
    expect(newest.digest.toBytes().every((byte) => byte === 0)).toBe(true);
  });

  it('fills in defaults and names each server as an object of its own', () => {
    const history = new ConfigurationHistory();
    history.addSite('web', 1);
    expect(contentOf(history.newest)).toMatchObject({
      'backend/web': {
        name: 'web',
        balance: { algorithm: 'weighted_round_robin' },
        via: true,
        timeouts: { connectMs: 3_000 },
      },
      'server/web/10.0.0.1:8001': { backend: 'web', address: '10.0.0.1', port: 8_001, weight: 1 },
      'host/web.example': { pattern: 'web.example', routes: [{ backend: 'web' }] },
    });
  });

  it('leaves the snapshot before as it was', () => {
    const history = new ConfigurationHistory();
    const before = history.addSite('web');
    const [content, digest] = [contentOf(before), before.digest.toBytes()];
    history.deleteHost('web.example');
    history.deleteBackend('web');
    expect(contentOf(before)).toEqual(content);
    expect(before.digest.toBytes()).toEqual(digest);
    expect(history.newest.objects.size).toBe(0);
  });

  it('gives a new version without a change when a commit means the same to data planes', () => {
    const history = new ConfigurationHistory();
    const before = history.putBackend('web');
    const after = history.putBackend('web', { via: true });
    expect(after.id.version).toBe(before.id.version + 1);
    expect(history.log.deltaKeys(before.id.version)).toEqual(new Set());
  });

  it('names what changed and nothing else', () => {
    const history = new ConfigurationHistory();
    const before = history.addSite('web');
    history.putServer('web', 8_001, 7);
    history.deleteServer('web', 8_002);
    const changed = new Set(['server/web/10.0.0.1:8001', 'server/web/10.0.0.1:8002']);
    expect(history.log.deltaKeys(before.id.version)).toEqual(changed);
  });

  it('tells the state of a server with the server, and changes nothing else by it', () => {
    const history = new ConfigurationHistory();
    const before = history.addSite('web');
    const state = () => contentOf(history.newest)['server/web/10.0.0.1:8001'];
    history.setState('web', 8_001, 'draining');
    expect(state()).toMatchObject({ state: 'draining', weight: 1 });
    expect(history.log.deltaKeys(before.id.version)).toEqual(new Set(['server/web/10.0.0.1:8001']));
    history.deleteServer('web', 8_001);
    history.putServer('web', 8_001);
    expect(state()).toMatchObject({ state: 'draining' });
    history.setState('web', 8_001, 'active');
    expect(state()).toMatchObject({ state: 'active' });
  });

  it('says nothing of an override whose server is not there', () => {
    const history = new ConfigurationHistory();
    const before = history.addSite('web');
    history.setState('web', 9_000, 'disabled');
    expect(history.log.deltaKeys(before.id.version)).toEqual(new Set());
    expect(history.newest.objects).toEqual(before.objects);
  });

  it('builds commit by commit what the whole state gives, digest included', () => {
    fc.assert(
      fc.property(fc.array(randomChange, { maxLength: 40 }), (changes) => {
        const history = new ConfigurationHistory();
        for (const change of changes) change(history);
        const whole = initialSnapshot(history.intent);
        expect(history.newest.id).toEqual(whole.id);
        expect(contentOf(history.newest)).toEqual(contentOf(whole));
        expect(history.newest.digest.toBytes()).toEqual(whole.digest.toBytes());
      }),
    );
  });

  it('builds the same twice: it is a function of its arguments', () => {
    const history = new ConfigurationHistory();
    const before = history.addSite('web');
    history.putServer('web', 9_000);
    const commit = history.commits.at(-1)!;
    const [first, second] = [1, 2].map(() => buildSnapshot(before, commit, history.intent));
    expect(first!.snapshot.digest.toBytes()).toEqual(second!.snapshot.digest.toBytes());
    expect(first!.changed).toEqual(second!.changed);
  });
});
