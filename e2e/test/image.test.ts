import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import type { ChildProcess } from '../src/harness/child-process.ts';
import { listening } from '../src/harness/control-plane-process.ts';
import { waitUntil } from '../src/harness/wait-until.ts';
import type { Plane } from './image/image-declaration.ts';
import { ImageTree } from './image/image-tree.ts';
import { repository } from './image/repository.ts';

const planes: readonly Plane[] = ['control-plane', 'data-plane'];
const MEBIBYTE = 1_048_576;

describe.each(planes)('the image of the %s', (plane) => {
  let tree: ImageTree;
  beforeAll(() => {
    tree = ImageTree.assemble(plane);
  });
  afterAll(() => tree.remove());

  it('is declared to run as a plain user, with all listeners open, and to be stopped by SIGTERM', () => {
    const { declaration } = tree;
    expect(declaration.from).toMatch(/^node:24\.\d+\.\d+-bookworm-slim/);
    expect(declaration.user).toBe('65532:65532');
    expect(declaration.stopSignal).toBe('SIGTERM');
    expect(declaration.labels['org.opencontainers.image.licenses']).toBe('Apache-2.0');
    const addresses = Object.entries(declaration.env).filter(([name]) => name.endsWith('_ADDRESS'));
    expect(addresses.map(([, address]) => Number(address.replace(/^0\.0\.0\.0:/, '')))).toEqual(declaration.ports);
  });

  it('has what Node needs to run it, and little else', () => {
    const entries = readdirSync(tree.folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    expect(entries.filter((entry) => entry.isSymbolicLink())).toEqual([]);
    expect(files.filter((file) => /\.(ts|map|tsbuildinfo)$|\.(test|cases)\.js$/.test(file))).toEqual([]);
    expect(files.some((file) => /node_modules\/(typescript|jest|eslint|prettier|ts-proto)\//.test(file))).toBe(false);
    const bytes = files.reduce((sum, file) => sum + readFileSync(file).length, 0);
    expect(bytes).toBeLessThan(20 * MEBIBYTE);
    expect(files).toContain(join(tree.folder, 'LICENSE'));
  });
});

describe('the image of another architecture', () => {
  it('has the binary of that one alone', () => {
    const tree = ImageTree.assemble('control-plane', 'arm64');
    const names = readdirSync(tree.folder, { recursive: true, encoding: 'utf8' });
    tree.remove();
    const binaries = names.filter((name) => name.endsWith('.node'));
    expect(binaries).toEqual(['node_modules/better-sqlite3/prebuilds/linux-arm64.node']);
  });
});

const confined = ImageTree.canConfine() || process.env['CI'] === 'true' ? describe : describe.skip;

confined('the trees of both images, as uid 65532 on a read-only root (needs root and the right to mount)', () => {
  const running: ChildProcess[] = [];
  let above: ImageTree;
  let below: ImageTree;

  beforeAll(() => {
    above = ImageTree.assemble('control-plane');
    below = ImageTree.assemble('data-plane');
  });
  afterAll(async () => {
    await Promise.all(running.map((child) => child.stop('SIGKILL')));
    above.remove();
    below.remove();
  });

  function start(tree: ImageTree, data: string, env: Readonly<Record<string, string>>, command?: readonly string[]) {
    const child = tree.start(data, env, command === undefined ? {} : { command });
    running.push(child);
    return child;
  }

  it('serve over TLS, pass the test of the chart, and end by themselves', async () => {
    const data = above.dataDirectory();
    for (const name of ['first.crt', 'first.key', 'servers-ca.crt']) {
      writeFileSync(join(data, name), testPem(name), { mode: 0o644 });
    }
    const controlPlane = start(above, data, {
      HEADGATE_API_ADDRESS: '127.0.0.1:0',
      HEADGATE_GRPC_ADDRESS: '127.0.0.1:0',
      HEADGATE_STATUS_ADDRESS: '127.0.0.1:0',
      ...inData({ HEADGATE_API_TLS_CERT: 'first.crt', HEADGATE_API_TLS_KEY: 'first.key' }),
      ...inData({ HEADGATE_GRPC_TLS_CERT: 'first.crt', HEADGATE_GRPC_TLS_KEY: 'first.key' }),
    });
    const [api, grpc, status] = await Promise.all(
      ['api', 'grpc', 'status'].map((listener) => listening(controlPlane, listener)),
    );
    expect((await fetch(`http://${status}/readyz`)).status).toBe(200);

    const state = below.dataDirectory();
    copyFileSync(join(data, 'servers-ca.crt'), join(state, 'servers-ca.crt'));
    const dataPlane = start(below, state, {
      HEADGATE_HTTP_ADDRESS: '127.0.0.1:0',
      HEADGATE_ADMIN_ADDRESS: '127.0.0.1:0',
      HEADGATE_CONTROL_PLANE: String(grpc),
      HEADGATE_JOIN_TOKEN: readFileSync(join(data, 'data', 'join-token'), 'utf8').trim(),
      HEADGATE_SHUTDOWN_DELAY: '0s',
      ...inData({ HEADGATE_CONTROL_PLANE_CA: 'servers-ca.crt' }),
    });
    const [http, admin] = await Promise.all([listening(dataPlane, 'http'), listening(dataPlane, 'admin')]);
    await waitUntil('the data plane is ready', async () => (await fetch(`http://${admin}/readyz`)).status === 200);

    copyFileSync(join(repository, 'charts', 'headgate', 'files', 'prove.mjs'), join(data, 'prove.mjs'));
    const proof = start(
      above,
      data,
      {
        HEADGATE_API: `https://${api}`,
        HEADGATE_TRAFFIC: `http://${http}`,
        OWN_ADDRESS: '127.0.0.1',
        ...inData({ HEADGATE_TOKEN_FILE: 'data/admin-token', NODE_EXTRA_CA_CERTS: 'servers-ca.crt' }),
      },
      ['node', '/var/lib/headgate/prove.mjs'],
    );
    await proof.closed;
    expect(proof.output).toContain('Headgate works');
    expect(proof.exitCode).toBe(0);

    for (const child of [dataPlane, controlPlane]) {
      child.signal('SIGTERM');
      await child.closed;
      expect(child.exitCode).toBe(0);
    }
  }, 60_000);

  it('really are confined: nothing but the data directory can be written', async () => {
    const paths = ['/x', '/opt/headgate/x', '/opt/node/x', '/usr/x', '/var/lib/headgate/x'];
    const code = `const fs = require('node:fs');
      for (const path of ${JSON.stringify(paths)})
        try { fs.writeFileSync(path, ''); console.log(path, 'written'); } catch (error) { console.log(path, error.code); }
      console.log('uid', process.getuid(), 'groups', String(process.getgroups()), fs.existsSync('/home'));`;
    const child = start(above, above.dataDirectory(), {}, ['node', '-e', code]);
    await child.closed;
    expect(child.output.split('\n')).toEqual([
      ...paths.slice(0, 4).map((path) => `${path} EROFS`),
      '/var/lib/headgate/x written',
      'uid 65532 groups 65532 false',
    ]);
  });

  it('says what is missing when it is to listen beyond loopback without TLS', async () => {
    const child = start(above, above.dataDirectory(), {});
    await child.closed;
    expect(child.exitCode).toBe(2);
    expect(child.output).toContain('HEADGATE_INSECURE');
  });
});

/** Settings that name files of the data directory. */
function inData(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/var/lib/headgate/${file}`]));
}
