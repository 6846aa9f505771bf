import { systemClock, type Clock } from '@headgate/shared/clock';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { KubernetesSource } from '@headgate/shared/model/kubernetes-source';
import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import { eventually } from '../../stream/eventually.cases.ts';
import { RecordedSink, recordedContext } from '../recorded-sink.cases.ts';
import type { ServerSource, SourceEntry } from '../source.ts';
import { createKubernetesSource, type KubernetesOptions } from './kubernetes-source.ts';
import { ScriptedApi, testSlice, type AskedRequest } from './scripted-api.cases.ts';

const web: KubernetesSource = {
  type: 'kubernetes',
  service: 'web',
  namespace: '',
  port: undefined,
  kubeconfig: '',
  context: '',
};

/** Pauses, all below 10 s, are hurried; longer waits, which end what takes too long, wait for the test. */
class HurriedClock implements Clock {
  readonly manual = new ManualClock();

  now(): number {
    return this.manual.now();
  }

  monotonic(): number {
    return this.manual.monotonic();
  }

  after(delayMs: number, callback: () => void): () => void {
    return delayMs < 10_000 ? systemClock.after(delayMs / 100, callback) : this.manual.after(delayMs, callback);
  }
}

let api: ScriptedApi;
let clock: HurriedClock;
let sink: RecordedSink<readonly SourceEntry[]>;
let source: ServerSource;

beforeEach(async () => {
  api = await ScriptedApi.start();
  clock = new HurriedClock();
  sink = new RecordedSink();
});

afterEach(async () => {
  await source.close();
  await api.close();
});

function start(options: KubernetesOptions = {}, wanted: Partial<KubernetesSource> = {}): void {
  const context = { ...recordedContext(sink), clock };
  const address = { host: '127.0.0.1', port: api.port };
  const all = { address, serviceAccountDirectory: api.directory, ...options };
  source = createKubernetesSource({ ...web, ...wanted }, context, all);
  source.start();
}

/** Answers the list, and opens the watch that follows. */
async function listed(version: number, ...items: readonly object[]): Promise<AskedRequest> {
  (await api.next('list')).list(version, items);
  const watch = await api.next('watch');
  watch.open();
  return watch;
}

/** Makes sure that the source has seen the watch open: it moves on to a version where nothing has changed. */
async function seenOpen(watch: AskedRequest, version: number): Promise<void> {
  const before = sink.deliveries.length;
  watch.events(['BOOKMARK', { kind: 'EndpointSlice', metadata: { resourceVersion: String(version) } }]);
  await sink.until('a bookmark is a sign of life', ({ deliveries }) => deliveries.length > before);
}

async function untilAddresses(...addresses: readonly string[]): Promise<void> {
  await sink.until(`the addresses are ${addresses.join()}`, () => addressesOf(sink.newest) === addresses.join());
}

function addressesOf(entries: readonly SourceEntry[] | undefined): string | undefined {
  return entries?.map(({ server }) => (server as { address: string }).address).join();
}

describe('the list', () => {
  it('is asked for by the label of the Service, in the namespace of the pod, as its account', async () => {
    start();
    const { url, token } = await api.next('list');
    expect(url.pathname).toBe('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      labelSelector: 'kubernetes.io/service-name=web',
      limit: '100',
    });
    expect(token).toBe('Bearer first-token');
  });

  it('is asked for in the namespace that is named', async () => {
    start({}, { namespace: 'other' });
    expect((await api.next('list')).url.pathname).toContain('/namespaces/other/');
  });

  it('is delivered when its last page is there', async () => {
    start();
    (await api.next('list')).list(10, [testSlice('web-a', 5, ['10.0.0.1'])], 'page two/');
    const second = await api.next('list');
    expect([second.parameter('continue'), sink.deliveries]).toEqual(['page two/', []]);
    second.list(10, [testSlice('web-b', 6, ['10.0.0.2'])]);
    await untilAddresses('10.0.0.1', '10.0.0.2');
    expect((await api.next('watch')).parameter('resourceVersion')).toBe('10');
  });

  it('begins anew when its version goes away between two pages', async () => {
    start();
    (await api.next('list')).list(10, [testSlice('web-a', 5, ['10.0.0.1'])], 'two');
    (await api.next('list')).status(410);
    await listed(20, testSlice('web-b', 6, ['10.0.0.2']));
    await untilAddresses('10.0.0.2');
    expect([sink.deliveries.length, sink.failures]).toEqual([1, []]);
  });

  it.each([
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['an object of another kind', '{"kind":"Status"}'],
    ['no version', '{"metadata":{},"items":[]}'],
    ['something else than slices', '{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}'],
  ])('fails for %s, and is asked for again', async (_, body) => {
    start();
    (await api.next('list')).end(body);
    expect((await sink.nextFailure()).message).toBe(
      'the Kubernetes API of this cluster sent a list that is none of EndpointSlices',
    );
    await listed(10);
    await untilAddresses();
    expect(sink.deliveries).toEqual([[]]);
  });

  it('fails when it is cut', async () => {
    start();
    const list = await api.next('list');
    list.write('{"metadata":{"resourceVersion":"1"},"items":[]');
    list.cut();
    expect((await sink.nextFailure()).message).toBe(
      'the Kubernetes API of this cluster cannot be reached (ECONNRESET)',
    );
  });

  it('fails when it has no end', async () => {
    start();
    const list = await api.next('list');
    list.open();
    for (let megabytes = 0; megabytes < 66; megabytes++) list.write(' '.repeat(1_048_576));
    expect((await sink.nextFailure()).message).toContain('sent a list of more than 67108864 bytes');
    for (const page of ['one', 'two']) {
      const half = await api.next('list');
      half.write(JSON.stringify({ metadata: { resourceVersion: '1', continue: page }, items: [] }));
      half.end(' '.repeat(34 * 1_048_576));
    }
    expect((await sink.nextFailure()).message).toContain('sent a list of more than 67108864 bytes');
  });

  it('fails when a Service has more endpoints than can be servers', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    start();
    (await api.next('list')).list(
      1,
      Array.from({ length: 21 }, (_, index) => testSlice(`web-${index}`, 1, many)),
    );
    expect((await sink.nextFailure()).message).toBe('the Service has more than 20000 endpoints');
  });

  it('fails when no answer comes within 30 s, or not all of it', async () => {
    start();
    for (const begin of [() => undefined, (list: AskedRequest) => list.write('{"metadata":')]) {
      begin(await api.next('list'));
      const failure = sink.nextFailure();
      clock.manual.advance(30_000);
      expect((await failure).message).toBe('the Kubernetes API of this cluster did not answer within 30 s');
    }
  });
});

describe('the watch', () => {
  it('goes on from the list and brings every change whole', async () => {
    start();
    const watch = await listed(10, testSlice('web-a', 5, ['10.0.0.1']), testSlice('web-b', 6, ['10.0.0.2']));
    expect(watch.parameter('allowWatchBookmarks')).toBe('true');
    expect(Number(watch.parameter('timeoutSeconds'))).toBeGreaterThanOrEqual(90);
    expect(Number(watch.parameter('timeoutSeconds'))).toBeLessThanOrEqual(120);
    watch.events(['MODIFIED', testSlice('web-b', 11, ['10.0.0.3'])]);
    await untilAddresses('10.0.0.1', '10.0.0.3');
    watch.events(['ADDED', testSlice('web-c', 12, ['10.0.0.4'])]);
    await untilAddresses('10.0.0.1', '10.0.0.3', '10.0.0.4');
    watch.events(['DELETED', testSlice('web-a', 13, ['10.0.0.1'])]);
    await untilAddresses('10.0.0.3', '10.0.0.4');
    expect(sink.failures).toEqual([]);
  });

  it('makes one delivery of a burst', async () => {
    start();
    const watch = await listed(10);
    watch.events(
      ...Array.from(
        { length: 40 },
        (_, index) => ['MODIFIED', testSlice('web', 11 + index, [`10.0.0.${index}`])] as const,
      ),
    );
    await untilAddresses('10.0.0.39');
    expect(sink.deliveries.length).toBeLessThan(10);
  });

  it('goes on from a bookmark, and loses nothing when it is cut in the middle of a line', async () => {
    start();
    const watch = await listed(10, testSlice('web', 5, ['10.0.0.1']));
    await seenOpen(watch, 15);
    watch.cut();
    const second = await api.next('watch');
    expect(second.parameter('resourceVersion')).toBe('15');
    second.open();
    second.events(['MODIFIED', testSlice('web', 16, ['10.0.0.2'])]);
    second.write(JSON.stringify({ type: 'MODIFIED', object: testSlice('web', 17, ['10.0.0.3']) }));
    await untilAddresses('10.0.0.2');
    second.cut();
    const third = await api.next('watch');
    expect(third.parameter('resourceVersion')).toBe('16');
    third.open();
    third.events(['MODIFIED', testSlice('web', 17, ['10.0.0.3'])]);
    await untilAddresses('10.0.0.3');
    expect(sink.failures).toEqual([]);
  });

  it('goes on when the server ends it in time', async () => {
    start();
    const watch = await listed(10);
    await seenOpen(watch, 10);
    clock.manual.advance(60_000);
    watch.end();
    expect((await api.next('watch')).parameter('resourceVersion')).toBe('10');
    expect(sink.failures).toEqual([]);
  });

  it('is replaced when the server has gone without a word', async () => {
    start({ watchSeconds: 40 });
    const watch = await listed(10, testSlice('web', 5, ['10.0.0.1']));
    await seenOpen(watch, 10);
    clock.manual.advance(39_000);
    expect(clock.manual.pending).toBe(1);
    clock.manual.advance(11_000);
    await eventually('the connection is given up', () => watch.isClosed);
    expect((await api.next('watch')).parameter('resourceVersion')).toBe('10');
    expect(sink.failures).toEqual([]);
  });

  it('fails when it does not open within 10 s', async () => {
    start();
    (await api.next('list')).list(10, []);
    await api.next('watch');
    const failure = sink.nextFailure();
    clock.manual.advance(10_000);
    expect((await failure).message).toBe('the Kubernetes API of this cluster did not answer within 10 s');
    await listed(11);
  });

  it('fails when it ends again and again without a word', async () => {
    start();
    const watch = await listed(10);
    watch.end();
    expect((await sink.nextFailure()).message).toContain('ends the watch as soon as it is open');
    await listed(10);
  });

  it.each<[string, (watch: AskedRequest) => void]>([
    ['as its status', (watch) => watch.status(410)],
    [
      'in the middle of it',
      (watch) => {
        watch.open();
        watch.events(['ERROR', { kind: 'Status', code: 410, message: 'too old resource version' }]);
      },
    ],
  ])('leads to a new list when its version is gone: %s', async (_, expire) => {
    start();
    (await api.next('list')).list(10, [testSlice('web', 5, ['10.0.0.1'])]);
    expire(await api.next('watch'));
    const watch = await listed(50, testSlice('web-again', 45, ['10.0.0.2']));
    await untilAddresses('10.0.0.2');
    expect([watch.parameter('resourceVersion'), sink.failures]).toEqual(['50', []]);
  });

  it.each<[string, string, string]>([
    ['no JSON', 'nonsense\n', 'sent a watch event that is none'],
    ['an event without a type', '{"object":{}}\n', 'sent a watch event that is none'],
    ['an unknown type', '{"type":"constructor","object":{}}\n', 'sent a watch event that is none'],
    ['an object that is no slice', '{"type":"ADDED","object":{"metadata":{}}}\n', 'sent a watch event that is none'],
    [
      'an error',
      '{"type":"ERROR","object":{"code":500,"message":"told-in-confidence"}}\n',
      'broke the watch off (500)',
    ],
    ['a line without an end', ' '.repeat(9_000_000), 'sent a line that is too long'],
  ])('fails for %s, takes nothing back, and begins with a list again', async (_, text, reason) => {
    start();
    const watch = await listed(10, testSlice('web', 5, ['10.0.0.1']));
    watch.write(text);
    const { message, cause } = await sink.nextFailure();
    expect([message, cause]).toEqual([`the Kubernetes API of this cluster ${reason}`, undefined]);
    expect(addressesOf(sink.newest)).toBe('10.0.0.1');
    await eventually('the connection is given up', () => watch.isClosed);
    await listed(20, testSlice('web', 15, ['10.0.0.2']));
    await untilAddresses('10.0.0.2');
  });

  it('says what came before a failure before it', async () => {
    start();
    const watch = await listed(10, testSlice('web', 5, ['10.0.0.1']));
    watch.write(`${JSON.stringify({ type: 'MODIFIED', object: testSlice('web', 11, ['10.0.0.2']) })}\nnonsense\n`);
    await sink.nextFailure();
    expect(sink.deliveries.map(addressesOf)).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'does not know who asks: the token or client certificate is not of this cluster, or is no longer valid'],
    [
      403,
      'does not allow the account to list: it needs list and watch on endpointslices.discovery.k8s.io in namespace shop',
    ],
    [404, 'does not serve endpointslices of discovery.k8s.io/v1: Kubernetes 1.21 or newer is needed'],
    [429, 'has too much to do'],
    [302, 'answered the list with an error'],
    [500, 'answered the list with an error'],
  ])('by %d is a failure without the words of the answer', async (status, reason) => {
    start();
    (await api.next('list')).status(status, { location: `https://127.0.0.1:${api.port}/elsewhere` });
    const { message, cause } = await sink.nextFailure();
    expect([message, cause]).toEqual([`the Kubernetes API of this cluster ${reason} (${status})`, undefined]);
    await listed(10);
    await untilAddresses();
  });

  it('of a token that was replaced meanwhile is over with the next request', async () => {
    start();
    const first = await api.next('list');
    await api.put('token', 'second-token');
    first.status(401);
    const second = await api.next('list');
    expect([first.token, second.token]).toEqual(['Bearer first-token', 'Bearer second-token']);
  });

  it('comes from us when the certificate is of nobody whom the cluster believes', async () => {
    await api.put('ca.crt', testPem('clients-one-ca.crt'));
    start();
    const { message } = await sink.nextFailure();
    expect(message).toMatch(/cannot be reached \((UNABLE_TO_|SELF_SIGNED_)\w+\)$/);
    expect(api.count).toBe(0);
  });

  it.each([
    ['token', 'first\ntoken', 'token holds no token that a request can carry'],
    ['token', '', 'token holds no token that a request can carry'],
    ['namespace', 'shop/pods', 'namespace holds no name of a namespace'],
    ['ca.crt', 'nothing', 'ca.crt holds no PEM certificate'],
  ])('comes from us when the file %s holds %j', async (file, content, reason) => {
    await api.put(file, content);
    start();
    expect((await sink.nextFailure()).message).toBe(`${api.directory}/${reason}`);
  });

  it('comes from us when there is no service account, or no cluster', async () => {
    start({ serviceAccountDirectory: `${api.directory}/none` });
    const { message } = await sink.nextFailure();
    expect(message).toMatch(/none\/\S+ of the service account cannot be read \(ENOENT\)$/);
    await source.close();
    start({ address: undefined });
    expect((await sink.nextFailure()).message).toBe(
      'the control plane runs in no Kubernetes cluster: name a secret with a kubeconfig',
    );
  });
});

describe('closing', () => {
  it.each<[string, () => Promise<AskedRequest>]>([
    ['a list that is not answered', () => api.next('list')],
    ['a watch', () => listed(10)],
    [
      'a watch in the middle of a line',
      async () => {
        const watch = await listed(10);
        watch.write('{"type":');
        return watch;
      },
    ],
  ])('ends %s at once and says nothing', async (_, reach) => {
    start();
    const asked = await reach();
    const deliveries = sink.deliveries.length;
    await source.close();
    await eventually('the connection has gone', () => asked.isClosed);
    expect([sink.deliveries.length, sink.failures]).toEqual([deliveries, []]);
    expect(clock.manual.pending).toBe(0);
  });

  it('ends a pause', async () => {
    const context = { ...recordedContext(sink), clock: clock.manual };
    source = createKubernetesSource(web, context, { serviceAccountDirectory: api.directory });
    source.start();
    await sink.nextFailure();
    await source.close();
    expect(clock.manual.pending).toBe(0);
  });

  it('leaves a delivery unsaid that was about to be said', async () => {
    start();
    const watch = await listed(10);
    await untilAddresses();
    watch.events(['ADDED', testSlice('web', 11, ['10.0.0.1'])]);
    await source.close();
    expect(sink.deliveries).toEqual([[]]);
  });
});
