import { describeWith } from '@headgate/control-plane/sources/needed-program.cases';
import { Helm, helmNeeded } from './chart/helm.ts';
import { Rendered } from './chart/rendered.ts';
import { SmallKubelet } from './chart/small-kubelet.ts';
import { ImageTree } from './image/image-tree.ts';

const site = { backends: [{ name: 'web', servers: [{ address: '127.0.0.1', port: 7999 }] }], hosts: [] };
// The network has no address translation: the port of the Service is the one of the container.
const set = ['dataPlane.service.port=8080', `initialConfig=${JSON.stringify(site)}`];
const canRun = ImageTree.canConfine() || process.env['CI'] === 'true';

(canRun ? describe : describe.skip)('needs root and the right to mount', () => {
  describeWith(
    { helm: helmNeeded, ip: 'apt-get install iproute2' },
    'the pods of the chart, on its images',
    (programs) => {
      const helm = new Helm(programs['helm'] ?? '');
      let above: ImageTree;
      let below: ImageTree;
      let kubelet: SmallKubelet | undefined;
      beforeAll(() => {
        above = ImageTree.assemble('control-plane');
        below = ImageTree.assemble('data-plane');
      });
      afterEach(() => kubelet?.close());
      afterAll(() => {
        above.remove();
        below.remove();
      });

      it.each(['default', 'discovery', 'plain'])(
        'become ready and pass helm test in the shape %s',
        async (shape) => {
          const manifests = helm.render({ shape, set, kubernetes: '1.35.0' });
          const rendered = new Rendered(manifests);
          kubelet = await SmallKubelet.start(manifests);
          const controlPlane = kubelet.run(rendered.pod('control-plane').spec, above);
          await kubelet.ready(rendered.pod('control-plane').spec, controlPlane);
          const dataPlane = kubelet.run(rendered.pod('data-plane').spec, below);
          await kubelet.ready(rendered.pod('data-plane').spec, dataPlane);
          expect(controlPlane.output).toContain('the initial configuration is imported');

          const proof = kubelet.run(rendered.pod('test').spec, above);
          await proof.closed;
          expect(proof.output).toContain('headgate-data-plane-7d9c-x2x live');
          expect(proof.output).toContain('Headgate works');
          expect(proof.exitCode).toBe(0);
          for (const { output } of [controlPlane, dataPlane]) expect(output).not.toMatch(/"level":"(error|fatal)"/);
          expect(controlPlane.output.includes('plain text')).toBe(shape === 'plain');
        },
        60_000,
      );

      it('end the test with an error when no data plane is there', async () => {
        const manifests = helm.render({ set });
        const rendered = new Rendered(manifests);
        kubelet = await SmallKubelet.start(manifests);
        const controlPlane = kubelet.run(rendered.pod('control-plane').spec, above);
        await kubelet.ready(rendered.pod('control-plane').spec, controlPlane);
        const proof = kubelet.run(rendered.pod('test').spec, above);
        await proof.closed;
        expect(proof.output).toContain('no data plane is connected');
        expect(proof.exitCode).toBe(1);
      }, 60_000);
    },
  );
});
