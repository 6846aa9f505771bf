import type { AccessStore, AuditEntry } from './access-store.ts';
import type { SealedValue, SecretPut, SecretStore } from './secret-store.ts';
import { StaleRevisionError, StoreFullError } from './store.ts';

export interface SecretStoreHarness {
  readonly secrets: SecretStore;
  /** Of the same store. */
  readonly access: AccessStore;
  /** Closes the store and opens what it has left behind. */
  reopen(): Promise<SecretStore>;
  destroy(): Promise<void>;
  /** Lets the medium run full, and makes room again. */
  readonly room: { exhaust(): void; restore(): void };
}

/** What every store of secrets must do. */
export function describeSecretStore(name: string, open: () => Promise<SecretStoreHarness>): void {
  describe(`${name} as a store of secrets`, () => {
    let harness: SecretStoreHarness;
    let secrets: SecretStore;
    beforeEach(async () => {
      harness = await open();
      secrets = harness.secrets;
    });
    afterEach(() => harness.destroy());

    it('is empty when new', async () => {
      expect(await secrets.load()).toEqual([]);
      expect(await secrets.read('a')).toBeUndefined();
      expect(await secrets.leftOut()).toEqual([]);
    });

    it('keeps what it is given, byte for byte, over a restart', async () => {
      const all = Buffer.from(Array.from({ length: 65_536 }, (_, index) => index & 0xff));
      const value = sealed(all, { keyId: 'k1', nonce: Buffer.from([0, 255, 7]) });
      await secrets.put(put('b', undefined, { sealed: value, size: 65_536, at: 5 }));
      await secrets.put(put('a', undefined));
      secrets = await harness.reopen();
      expect((await secrets.load()).map((secret) => secret.name)).toEqual(['a', 'b']);
      const found = await secrets.read('b');
      expect(found).toEqual({ name: 'b', revision: 1, createdAt: 5, updatedAt: 5, size: 65_536, sealed: value });
    });

    it('remembers when a secret was created and when it was replaced', async () => {
      await secrets.put(put('a', undefined, { at: 10 }));
      const record = await secrets.put(put('a', 1, { at: 20, size: 3 }));
      expect(record).toEqual({ name: 'a', revision: 2, createdAt: 10, updatedAt: 20, size: 3 });
    });

    it('gives no revision twice, whatever was removed', async () => {
      await secrets.put(put('a', undefined));
      await secrets.remove({ name: 'a', expected: 1, at: 0 });
      secrets = await harness.reopen();
      expect((await secrets.put(put('a', undefined))).revision).toBeGreaterThan(1);
    });

    it.each<[string, (store: SecretStore) => Promise<unknown>]>([
      ['a put on nothing that meets something', (store) => store.put(put('a', undefined))],
      ['a put on something that meets nothing', (store) => store.put(put('b', 1))],
      ['a put on an older one', (store) => store.put(put('a', 9))],
      ['a removal of an older one', (store) => store.remove({ name: 'a', expected: 9, at: 0 })],
      ['a new seal on an older one', (store) => store.reseal('a', 9, sealed(Buffer.from('x')))],
    ])('refuses %s, and changes nothing', async (_, write) => {
      await secrets.put(put('a', undefined));
      const before = await secrets.load();
      await expect(write(secrets)).rejects.toThrow(StaleRevisionError);
      expect(await secrets.load()).toEqual(before);
    });

    it('puts a value under another key without anybody seeing a change', async () => {
      const record = await secrets.put(put('a', undefined));
      const other = sealed(Buffer.from('other'), { keyId: 'k2' });
      await secrets.reseal('a', record.revision, other);
      secrets = await harness.reopen();
      expect(await secrets.read('a')).toEqual({ ...record, sealed: other });
    });

    it('makes audit entries durable with the write, or neither', async () => {
      const what = { at: 1, operation: 'putSecret', remote: '', actor: 'ada', objects: ['secret/a'], changes: 1 };
      const entry: AuditEntry = { ...what, outcome: 'written', message: '', count: 1 };
      await secrets.put(put('a', undefined, { audit: [entry] }));
      await expect(secrets.put(put('a', undefined, { audit: [entry] }))).rejects.toThrow(StaleRevisionError);
      expect(await harness.access.readAudit({ limit: 10 })).toMatchObject([{ operation: 'putSecret', actor: 'ada' }]);
    });

    it('refuses writes on a full medium, and takes them when there is room again', async () => {
      await secrets.put(put('a', undefined));
      const before = await secrets.load();
      harness.room.exhaust();
      const large = put('b', undefined, { sealed: sealed(Buffer.alloc(65_536, 1)), size: 65_536 });
      await expect(secrets.put(large)).rejects.toThrow(StoreFullError);
      expect(await secrets.load()).toEqual(before);
      harness.room.restore();
      expect(await secrets.put(large)).toMatchObject({ name: 'b' });
    });

    it('holds the same after it was scrubbed', async () => {
      await secrets.put(put('a', undefined));
      const before = await secrets.load();
      await secrets.scrub();
      expect(await secrets.load()).toEqual(before);
      expect(await secrets.put(put('b', undefined))).toMatchObject({ revision: 2 });
    });
  });
}

function sealed(bytes: Buffer, rest: Partial<SealedValue> = {}): SealedValue {
  return { keyId: undefined, nonce: Buffer.alloc(0), bytes, ...rest };
}

function put(name: string, expected: number | undefined, rest: Partial<SecretPut> = {}): SecretPut {
  return { name, expected, at: 0, size: 5, sealed: sealed(Buffer.from('value')), ...rest };
}
