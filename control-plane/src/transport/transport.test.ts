import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { testPem, TlsDirectory } from '@headgate/shared/tls/testdata/tls-directory';
import { Registry } from 'prom-client';
import { readSettings, type Settings } from '../config/settings.ts';
import { eventually } from '../stream/eventually.cases.ts';
import { openTlsFiles } from './open-tls-files.ts';
import { Transport } from './transport.ts';

const logger = createLogger('test', 'silent');

describe('the transport of the listeners', () => {
  let clock: ManualClock;
  let directory: TlsDirectory;
  beforeEach(async () => {
    clock = new ManualClock();
    directory = await TlsDirectory.create();
    await directory.putPair('first');
  });
  afterEach(() => directory.remove());

  function settings(env: Record<string, string>): Settings {
    const result = readSettings({ argv: [], env, readFile: () => '' });
    if (!result.ok || result.value.kind !== 'settings') throw new Error(JSON.stringify(result));
    return result.value.values;
  }

  function pair(listener: 'API' | 'GRPC'): Record<string, string> {
    return {
      [`HEADGATE_${listener}_TLS_CERT`]: directory.identity.certificate.path,
      [`HEADGATE_${listener}_TLS_KEY`]: directory.identity.key.path,
    };
  }

  it('is plain text without files', async () => {
    const files = await openTlsFiles(settings({}), { clock, logger });
    if (!files.ok) throw new Error('refused');
    const transport = Transport.start({ files: files.value, registry: new Registry(), clock, logger });
    expect(transport.of('api').tls).toBeUndefined();
    expect(transport.of('grpc').tls).toBeUndefined();
    await transport.close();
  });

  it('is refused with the faults of all files, which name setting and file', async () => {
    await directory.put('tls.key', 'no key');
    const files = await openTlsFiles(settings({ ...pair('API'), ...pair('GRPC') }), { clock, logger });
    const faults = files.ok ? [] : files.faults;
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/apiTlsKey', '/grpcTlsKey']);
    expect(faults[0]?.detail).toContain(directory.identity.key.path);
    expect(faults[0]?.detail).not.toContain('no key');
  });

  it('tells by metrics until when certificates are valid, and of files that were refused', async () => {
    const registry = new Registry();
    const files = await openTlsFiles(settings(pair('GRPC')), { clock, logger });
    if (!files.ok) throw new Error('refused');
    const transport = Transport.start({ files: files.value, registry, clock, logger });
    const grpc = files.value.get('grpc')!;
    const notAfter = Date.UTC(2126, 0, 1) / 1_000;
    const text = await registry.metrics();
    expect(text).toContain(`headgate_tls_certificate_not_after_seconds{listener="grpc"} ${notAfter}\n`);
    expect(text).toContain('headgate_tls_reload_failures_total{listener="grpc"} 0\n');
    expect(text).not.toMatch(/headgate_tls_(certificate|reload).*listener="api"/);

    await directory.put('tls.key', testPem('second.key'));
    await eventually('the files are refused', () => {
      clock.advance(200);
      return grpc.lastError !== undefined;
    });
    for (let asked = 0; asked < 2; asked++)
      expect(await registry.metrics()).toContain('headgate_tls_reload_failures_total{listener="grpc"} 1\n');
    expect(transport.of('grpc').tls?.value.identity.subject).toBe('O=Headgate tests, CN=first');
    await transport.close();
  });
});
