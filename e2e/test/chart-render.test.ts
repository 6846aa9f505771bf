import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '@headgate/control-plane/sources/needed-program.cases';
import { chart, Helm, helmNeeded, type RenderOptions } from './chart/helm.ts';
import { podSettings } from './chart/pod-settings.ts';
import { Rendered } from './chart/rendered.ts';
import type { Plane } from './image/image-declaration.ts';

const shapes = readdirSync(join(chart, 'ci')).map((file) => file.replace('-values.yaml', ''));

describeWith({ helm: helmNeeded }, 'the chart', ({ helm: program }) => {
  const helm = new Helm(program ?? '');

  const render = (options: RenderOptions = {}): Rendered => new Rendered(helm.render(options));

  describe.each(shapes)('in the shape %s', (shape) => {
    it('is accepted by helm lint --strict', () => {
      expect(helm.lint(shape)).toMatchObject({ ok: true });
    });

    it.each(['control-plane', 'data-plane'] as const)('gives the %s settings that it accepts', (plane) => {
      const read = podSettings(plane, helm.render({ shape, kubernetes: '1.35.0' }));
      expect(read).toMatchObject({ ok: true, value: { kind: 'settings', warnings: [] } });
    });

    it('mounts a token of the API server in no pod but the one that watches EndpointSlices', () => {
      const mounting = render({ shape }).pods.filter(({ spec }) => spec.automountServiceAccountToken);
      expect(mounting.map(({ metadata }) => metadata.labels['app.kubernetes.io/component'])).toEqual(
        shape === 'discovery' ? ['control-plane'] : [],
      );
    });
  });

  describe('refuses', () => {
    it.each([
      ['dataPlane.replica=3', "'/dataPlane'", "'replica' not allowed"],
      ['controlPlane.replicas=2', "'/controlPlane'", "'replicas' not allowed"],
      ['dataPlane.service.type="Loadbalancer"', "'/dataPlane/service/type'", "'ClusterIP', 'LoadBalancer', 'NodePort'"],
      ['dataPlane.settings.thread=2', "'/dataPlane/settings'", "'thread' not allowed"],
      ['controlPlane.settings.keepRevisions=3', "'/controlPlane/settings'", "'keepRevisions' not allowed"],
      ['controlPlane.persistence.size="4GB"', "'/controlPlane/persistence/size'", 'does not match pattern'],
      ['tls.enabled=true', "'/tls'", "'enabled' not allowed"],
      ['image.pullPolicy="always"', "'/image/pullPolicy'", "'Always', 'IfNotPresent', 'Never'"],
      ['dataPlane.autoscaling.minReplicas="two"', "'/dataPlane/autoscaling/minReplicas'", 'got string, want integer'],
      ['networkPolicy.enable=true', "'/networkPolicy'", "'enable' not allowed"],
      ['initialConfg={"hosts":[]}', "at ''", "'initialConfg' not allowed"],
      ['networkPolicy.apiFrom=[{"podSelektor":{}}]', "'/networkPolicy/apiFrom/0'", "'podSelektor' not allowed"],
    ])('%s, and says where and why', (set, where, why) => {
      const { ok, output } = helm.tryRender({ set: [set] });
      expect(ok).toBe(false);
      expect(output).toContain(where);
      expect(output).toContain(why);
    });

    it.each([
      ['dataPlane.drain.terminationGracePeriodSeconds=10', 'requests would be cut'],
      ['dataPlane.autoscaling.targetCPUUtilizationPercentage=null', 'nothing to go by'],
      ['dataPlane.autoscaling.minReplicas=11', 'is above maxReplicas (10)'],
    ])('what contradicts itself: %s', (set, why) => {
      const { ok, output } = helm.tryRender({ set: [set] });
      expect(ok).toBe(false);
      expect(output).toContain(why);
    });

    it('nothing that a parent chart hands down', () => {
      expect(helm.tryRender({ set: ['global={"anything":{"goes":true}}'] }).ok).toBe(true);
    });
  });

  describe('tokens and certificates', () => {
    it('are made when none are given, for the names by which the planes are called', () => {
      const rendered = render();
      expect(rendered.namesOf('Secret')).toEqual([
        'test-headgate-admin-token',
        'test-headgate-join-token',
        'test-headgate-tls',
      ]);
      const certificate = new X509Certificate(rendered.secret('test-headgate-tls', 'tls.crt'));
      const authority = new X509Certificate(rendered.secret('test-headgate-tls', 'ca.crt'));
      expect(certificate.verify(authority.publicKey)).toBe(true);
      const called = rendered.env('data-plane', 'HEADGATE_CONTROL_PLANE').split(':')[0]!;
      expect([called, 'localhost'].map((name) => certificate.checkHost(name))).toEqual([called, 'localhost']);
      expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
      const made = ['admin-token', 'join-token'].map((key) => rendered.secret(`test-headgate-${key}`, key));
      expect(new Set(made).size).toBe(2);
      for (const token of made) expect(token).toMatch(/^[A-Za-z0-9]{43}$/);
    });

    it('are those that are given, and none is made then', () => {
      const rendered = render({ shape: 'production' });
      expect(rendered.namesOf('Secret')).toEqual([]);
      expect(rendered.secretsOf('data-plane')).toEqual([
        'headgate-certificate',
        'headgate-data-planes',
        'headgate-tokens',
      ]);
    });

    it('reach a data plane only as far as it needs them', () => {
      const keys = render()
        .pod('data-plane')
        .spec.volumes.flatMap(({ secret }) => secret?.items ?? []);
      expect(keys.map(({ key }) => key)).toEqual(['join-token', 'ca.crt']);
    });

    it('of data planes are of an authority of their own', () => {
      const rendered = render({ shape: 'discovery' });
      const [own, other] = ['test-headgate-data-plane-tls', 'test-headgate-tls'].map((name) =>
        rendered.secret(name, 'ca.crt'),
      );
      expect(own).not.toBe(other);
      expect(rendered.secretsOf('control-plane')).toContain('test-headgate-data-plane-tls');
    });
  });

  it('allows plain text only where TLS is switched off', () => {
    const insecure = (rendered: Rendered) =>
      (['control-plane', 'data-plane'] as const).map((plane) => rendered.env(plane, 'HEADGATE_INSECURE'));
    expect(insecure(render())).toEqual(['', '']);
    expect(insecure(render({ shape: 'plain' }))).toEqual(['true', 'true']);
    expect(insecure(render({ set: ['tls.api.enabled=false'] }))).toEqual(['true', '']);
    expect(render({ shape: 'plain' }).namesOf('Secret')).not.toContain('test-headgate-tls');
  });

  it('keeps the store on a claim of its own, on a given one, or nowhere', () => {
    const data = (rendered: Rendered) => rendered.pod('control-plane').spec.volumes.find(({ name }) => name === 'data');
    const own = render();
    expect(own.one('PersistentVolumeClaim').metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect(own.one('PersistentVolumeClaim').spec).toMatchObject({ accessModes: ['ReadWriteOncePod'] });
    expect(data(own)).toMatchObject({ persistentVolumeClaim: { claimName: 'test-headgate-control-plane' } });
    const given = render({ set: ['controlPlane.persistence.existingClaim="mine"'] });
    expect(given.namesOf('PersistentVolumeClaim')).toEqual([]);
    expect(data(given)).toMatchObject({ persistentVolumeClaim: { claimName: 'mine' } });
    expect(data(render({ shape: 'trial' }))).toMatchObject({ emptyDir: {} });
  });

  it('leaves the number of data planes to the HPA, or gives it', () => {
    expect(render().one('Deployment').spec).not.toHaveProperty('replicas');
    const fixed = render({ set: ['dataPlane.autoscaling.enabled=false', 'dataPlane.replicas=4'] });
    expect(fixed.one('Deployment').spec).toMatchObject({ replicas: 4 });
    expect(fixed.namesOf('HorizontalPodAutoscaler')).toEqual([]);
    expect(fixed.one('Deployment').spec).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0 } } });
  });

  it('gives a pod the time that its drain takes', () => {
    expect(render().pod('data-plane').spec.terminationGracePeriodSeconds).toBe(45);
    const longer = render({ set: ['dataPlane.drain.timeoutSeconds=600'] });
    expect(longer.pod('data-plane').spec.terminationGracePeriodSeconds).toBe(615);
    expect(longer.env('data-plane', 'HEADGATE_SHUTDOWN_TIMEOUT')).toBe('600s');
  });

  it.each([
    ['1.29.0', { exec: { command: ['node', '-e', 'setTimeout(() => undefined, 5000)'] } }],
    ['1.30.0', { sleep: { seconds: 5 } }],
  ])('waits before SIGTERM without a shell on Kubernetes %s', (kubernetes, preStop) => {
    expect(render({ kubernetes }).pod('data-plane').spec.containers[0].lifecycle).toEqual({ preStop });
  });

  it.each([
    ['1.34.0', 'node=$(NODE_NAME)'],
    ['1.35.0', 'node=$(NODE_NAME),zone=$(ZONE)'],
  ])('names node and, where pods are told, zone on Kubernetes %s', (kubernetes, labels) => {
    expect(render({ kubernetes }).env('data-plane', 'HEADGATE_LABELS')).toBe(labels);
  });

  it('allows the control plane to list and watch EndpointSlices, in the namespaces that are named', () => {
    expect(render().namesOf('Role')).toEqual([]);
    const roles = render({ shape: 'discovery' }).all('Role');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'payments']);
    for (const { rules } of roles) {
      expect(rules).toEqual([
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ]);
    }
    const own = render({ set: ['kubernetesDiscovery.enabled=true'] }).all('Role');
    expect(own.map(({ metadata }) => metadata.namespace)).toEqual(['edge']);
  });

  it('restarts data planes when their settings change, and not the control plane', () => {
    const settingsOf = (rendered: Rendered, plane: Plane) =>
      rendered.pod(plane).metadata.annotations['headgate/settings'];
    const [before, after] = [render(), render({ set: ['dataPlane.settings.threads=2'] })];
    expect(settingsOf(after, 'data-plane')).not.toBe(settingsOf(before, 'data-plane'));
    expect(settingsOf(after, 'control-plane')).toBe(settingsOf(before, 'control-plane'));
  });

  it('shows the address of clients only with the policy that keeps it, and no node port where there is none', () => {
    const service = (rendered: Rendered) =>
      rendered.all('Service').find(({ metadata }) => metadata.name === 'test-headgate');
    expect(service(render())?.spec).not.toHaveProperty('externalTrafficPolicy');
    expect(service(render({ shape: 'production' }))?.spec).toMatchObject({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['203.0.113.0/24'],
    });
  });

  it('closes the API to all but its own test, unless somebody is named', () => {
    const [policy] = render().all('NetworkPolicy');
    const { ingress } = policy?.spec as { ingress: readonly { ports: [{ port: string }]; from: readonly unknown[] }[] };
    const api = ingress.find(({ ports }) => ports[0].port === 'api');
    const labels = {
      'app.kubernetes.io/name': 'headgate',
      'app.kubernetes.io/instance': 'test',
      'app.kubernetes.io/component': 'test',
    };
    expect(api?.from).toEqual([{ podSelector: { matchLabels: labels } }]);
  });
});
