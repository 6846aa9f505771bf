import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '@headgate/control-plane/sources/needed-program.cases';
import { ControlPlaneProcess } from '../src/harness/control-plane-process.ts';
import { waitUntil } from '../src/harness/wait-until.ts';
import { chart, Helm, helmNeeded, shapeFile } from './chart/helm.ts';
import { podTemplateOf } from './chart/manifest.ts';
import { monitorDefinition } from './chart/monitor-definitions.ts';
import { KubeApiServer, kubeApiServerNeeded, type KubeObject } from './kubernetes/kube-api-server.ts';

const shapes = readdirSync(join(chart, 'ci')).map((file) => file.replace('-values.yaml', ''));
const needed = { helm: helmNeeded, ...kubeApiServerNeeded };

describeWith(needed, 'the chart on a kube-apiserver, in namespaces that enforce PodSecurity restricted', (programs) => {
  let cluster: KubeApiServer;
  let helm: Helm;
  beforeAll(async () => {
    cluster = await KubeApiServer.start(programs);
    helm = new Helm(programs['helm']!, cluster.kubeconfig);
    for (const kind of ['ServiceMonitor', 'PodMonitor'] as const) {
      await cluster.must('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', monitorDefinition(kind));
    }
    await waitUntil('monitors can be made', async () => {
      const { status } = await cluster.call('GET', '/apis/monitoring.coreos.com/v1/podmonitors');
      return status === 200;
    });
    for (const name of ['shop', 'payments']) await cluster.restrictedNamespace(name);
  }, 90_000);
  afterAll(() => cluster.close());

  /** Installs or upgrades release `edge` in a namespace. */
  function upgrade(namespace: string, ...args: readonly string[]): void {
    const { ok, output } = helm.run(['upgrade', '--install', 'edge', chart, '--namespace', namespace, ...args]);
    if (!ok) throw new Error(output);
  }

  const secretOf = (namespace: string, name: string): Promise<KubeObject> =>
    cluster.must('GET', `/api/v1/namespaces/${namespace}/secrets/edge-headgate-${name}`);
  const deploymentOf = (namespace: string): string =>
    `/apis/apps/v1/namespaces/${namespace}/deployments/edge-headgate-data-plane`;
  const claimOf = (namespace: string): string =>
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims/edge-headgate-control-plane`;

  it.each(shapes)(
    'is installed in the shape %s, and its pods are admitted',
    async (shape) => {
      const namespace = `shape-${shape}`;
      await cluster.restrictedNamespace(namespace);
      upgrade(namespace, '--values', shapeFile(shape));
      const manifests = helm.render({ shape, release: 'edge', namespace });
      for (const manifest of manifests) {
        const { status, body } = await cluster.dryApply(manifest);
        expect([manifest.kind, status < 300 ? 'applied' : body['message']]).toEqual([manifest.kind, 'applied']);
      }
      // No controller makes the pods here: what they would be is asked about.
      const pods = manifests.flatMap((manifest) => podTemplateOf(manifest) ?? []);
      expect(pods).toHaveLength(3);
      for (const { metadata, spec } of pods) {
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'asked', labels: metadata.labels }, spec };
        const { status, body } = await cluster.call(
          'POST',
          `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`,
          pod,
        );
        expect([status, body['message']]).toEqual([201, undefined]);
      }
    },
    60_000,
  );

  it('is asked by a server that refuses what is not restricted', async () => {
    const spec = { containers: [{ name: 'root', image: 'root' }] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root' }, spec };
    const { status, body } = await cluster.call('POST', '/api/v1/namespaces/shop/pods?dryRun=All', pod);
    expect(status).toBe(403);
    expect(body['message']).toContain('violates PodSecurity "restricted');
  });

  describe('gives the control plane a Role', () => {
    const group = 'discovery.k8s.io';
    const slices = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
    let token: string;
    beforeAll(async () => {
      token = await cluster.accountToken('shape-discovery', 'edge-headgate-control-plane');
    });

    it('that suffices to list and watch EndpointSlices in the namespaces that are named, and for nothing else', async () => {
      const can = (namespace: string, verb: string, resource = 'endpointslices', of = group): Promise<boolean> =>
        cluster.canI(token, { namespace, verb, resource, group: of });
      for (const namespace of ['shop', 'payments']) {
        for (const verb of ['list', 'watch']) expect(await can(namespace, verb)).toBe(true);
      }
      expect(await can('shape-discovery', 'list')).toBe(false);
      expect(await can('', 'list')).toBe(false);
      for (const verb of ['get', 'create', 'update', 'delete']) expect(await can('shop', verb)).toBe(false);
      for (const resource of ['secrets', 'pods', 'services'])
        expect(await can('shop', 'list', resource, '')).toBe(false);
      expect((await cluster.call('GET', slices, undefined, token)).status).toBe(200);
    });

    it('without which it is told what it may not do', async () => {
      const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/edge-headgate-control-plane';
      const before = await cluster.must('GET', binding);
      await cluster.must('DELETE', binding);
      const refused = await waitUntil('it is refused', async () => {
        const answer = await cluster.call('GET', slices, undefined, token);
        return answer.status === 403 && answer;
      });
      expect(refused.body['message']).toContain('cannot list resource "endpointslices"');
      const { name } = before.metadata;
      await cluster.must('POST', binding.slice(0, binding.lastIndexOf('/')), { ...before, metadata: { name } });
    });

    it('by which a control plane follows a Service, and without which it says what it lacks', async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'headgate-discovery-'));
      const controlPlane = await ControlPlaneProcess.start({ dataDir });
      const { api } = controlPlane;
      const servers = async () => {
        const answer = await api.request<{ items: readonly ServerItem[] }>('GET', '/api/v1/backends/web/servers');
        return answer.body.items.map(({ address, state, zone }) => `${address} ${state} ${zone}`).join(', ');
      };
      try {
        const kubeconfig = { value: cluster.kubeconfigFor(token) };
        await api.request('PUT', '/api/v1/secrets/cluster', kubeconfig);
        const source = { type: 'kubernetes', service: 'web', namespace: 'shop', kubeconfig: 'cluster' };
        await api.write('PUT', '/api/v1/backends/web', { sources: [source] });
        await cluster.must('POST', slices, sliceOf([{ address: '10.9.0.1' }, { address: '10.9.0.2', leaving: true }]));
        await waitUntil('its endpoints are servers', async () => {
          return (await servers()) === '10.9.0.1 active a, 10.9.0.2 draining a';
        });
        const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/edge-headgate-control-plane';
        const { metadata, ...rest } = await cluster.must('GET', binding);
        await cluster.must('DELETE', binding);
        await controlPlane.stop();
        await controlPlane.start();
        const { error } = await waitUntil('it says what it lacks', async () => {
          const path = '/api/v1/sources';
          const answer = await controlPlane.api.request<{ items: readonly SourceItem[] }>('GET', path);
          return answer.body.items.find(({ state }) => state === 'stale');
        });
        expect(error).toContain('needs list and watch on endpointslices.discovery.k8s.io in namespace shop');
        const listed = await controlPlane.api.request<{ items: readonly unknown[] }>(
          'GET',
          '/api/v1/backends/web/servers',
        );
        expect(listed.body.items).toHaveLength(2);
        const bindings = binding.slice(0, binding.lastIndexOf('/'));
        await cluster.must('POST', bindings, { ...rest, metadata: { name: metadata.name } });
        await cluster.must('PATCH', `${slices}/web-1`, { endpoints: sliceOf([{ address: '10.9.0.3' }]).endpoints });
        await waitUntil(
          'it follows again',
          async () => {
            const path = '/api/v1/backends/web/servers';
            const { body } = await controlPlane.api.request<{ items: readonly ServerItem[] }>('GET', path);
            return body.items.map(({ address }) => address).join() === '10.9.0.3';
          },
          60_000,
        );
      } finally {
        await controlPlane.stop();
        rmSync(dataDir, { recursive: true, force: true });
      }
    }, 120_000);

    it('and data planes none', async () => {
      const other = await cluster.accountToken('shape-discovery', 'edge-headgate-data-plane');
      const attributes = { namespace: 'shop', verb: 'list', resource: 'endpointslices', group };
      expect(await cluster.canI(other, attributes)).toBe(false);
    });
  });

  describe('when it is upgraded', () => {
    beforeAll(() => cluster.restrictedNamespace('upgrades'));

    it('keeps tokens, certificates and the claim, whatever values change', async () => {
      upgrade('upgrades');
      const names = ['admin-token', 'join-token', 'tls'];
      const before = await Promise.all(names.map((name) => secretOf('upgrades', name)));
      const claim = await cluster.must('GET', claimOf('upgrades'));
      upgrade('upgrades', '--set', 'dataPlane.settings.threads=2,dataPlane.service.type=LoadBalancer,image.tag=0.2.0');
      const after = await Promise.all(names.map((name) => secretOf('upgrades', name)));
      expect(after.map(({ data }) => data)).toEqual(before.map(({ data }) => data));
      expect(after.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
      expect((await cluster.must('GET', claimOf('upgrades'))).metadata.uid).toBe(claim.metadata.uid);
    }, 60_000);

    describe('leaves the number of data planes that the HPA has chosen', () => {
      const scale = (replicas: number): Promise<KubeObject> =>
        cluster.must('PATCH', deploymentOf('upgrades'), { spec: { replicas } });
      const expectReplicas = async (replicas: number): Promise<void> =>
        expect(await cluster.must('GET', deploymentOf('upgrades'))).toMatchObject({ spec: { replicas } });

      it('by itself, and by a rollback', async () => {
        await scale(7);
        upgrade('upgrades', '--set', 'image.tag=0.3.0');
        await expectReplicas(7);
        await scale(9);
        expect(helm.run(['rollback', 'edge', '--namespace', 'upgrades'])).toMatchObject({ ok: true });
        await expectReplicas(9);
      }, 60_000);

      it('when the number was given before', async () => {
        upgrade('upgrades', '--set', 'dataPlane.autoscaling.enabled=false,dataPlane.replicas=3');
        await expectReplicas(3);
        upgrade('upgrades', '--reset-values');
        await expectReplicas(3);
        await scale(6);
        upgrade('upgrades', '--reset-values', '--set', 'image.tag=0.4.0');
        await expectReplicas(6);
      }, 60_000);
    });

    it('makes a certificate anew for other names, and when two thirds of its time are over', async () => {
      const before = await secretOf('upgrades', 'tls');
      upgrade('upgrades', '--set', 'tls.extraNames={control-plane.example.com}');
      const other = await secretOf('upgrades', 'tls');
      expect(other['data']).not.toEqual(before['data']);
      const path = `/api/v1/namespaces/upgrades/secrets/${other.metadata.name}`;
      await cluster.must('PATCH', path, { metadata: { annotations: { 'headgate/renew-after': '1700000000' } } });
      upgrade('upgrades', '--set', 'tls.extraNames={control-plane.example.com}');
      const renewed = await secretOf('upgrades', 'tls');
      expect(renewed['data']).not.toEqual(other['data']);
      expect(Number(renewed.metadata.annotations?.['headgate/renew-after'])).toBeGreaterThan(1_700_000_000);
    }, 60_000);

    it('leaves the claim behind when it is uninstalled, and finds it again', async () => {
      const claim = await cluster.must('GET', claimOf('upgrades'));
      expect(helm.run(['uninstall', 'edge', '--namespace', 'upgrades'])).toMatchObject({ ok: true });
      expect((await cluster.call('GET', '/api/v1/namespaces/upgrades/secrets/edge-headgate-admin-token')).status).toBe(
        404,
      );
      expect((await cluster.must('GET', claimOf('upgrades'))).metadata.uid).toBe(claim.metadata.uid);
      upgrade('upgrades');
      expect((await cluster.must('GET', claimOf('upgrades'))).metadata.uid).toBe(claim.metadata.uid);
    }, 60_000);
  });

  it('says in its notes how to prove that it works', () => {
    const { output } = helm.run(['get', 'notes', 'edge', '--namespace', 'shape-default']);
    expect(output).toContain('helm -n shape-default test edge --logs');
    expect(output).toContain('go-template={{ index .data "admin-token" | base64decode }}');
    expect(output).toContain('curl --cacert headgate-ca.crt');
  });
});

interface ServerItem {
  readonly address: string;
  readonly state: string;
  readonly zone: string;
}

interface SourceItem {
  readonly state: string;
  readonly error: string;
}

/** The slice `web-1` of the Service `web`, its endpoints in zone a. */
function sliceOf(endpoints: readonly { readonly address: string; readonly leaving?: boolean }[]) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: endpoints.map(({ address, leaving = false }) => ({
      addresses: [address],
      zone: 'a',
      conditions: { ready: !leaving, serving: true, terminating: leaving },
    })),
  };
}
