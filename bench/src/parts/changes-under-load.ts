import { readWrk, startWrk } from '../load/wrk.ts';
import type { Part } from '../part.ts';
import { oneHost, type HeadgateSite } from '../peers/headgate-site.ts';
import { Stage } from '../peers/stage.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';

const CHANGES = 1_000;

/** What changes do to requests and connections that they do not concern, and to those that they do. */
export const changesUnderLoad: Part = {
  name: 'changes-under-load',
  title: 'Changes under load',
  run: () => Stage.with(measure),
};

async function measure(stage: Stage): Promise<Findings> {
  const site = await stage.site({
    configuration: oneHost(stage.origin.endpoints),
    planes: [{ name: 'changed', engine: 'headgate' }],
  });
  // It is stopped when the changes are done.
  const load = startWrk({ port: site.plane('changed').port, seconds: 300 });
  const output = load.finished();
  const began = performance.now();
  const version = await change(site, stage.origin.endpoints[0]!);
  await site.controlPlane.api.converge(version);
  const seconds = (performance.now() - began) / 1_000;
  load.child.kill('SIGINT');
  const { requests, refused, cut } = readWrk(await output);
  return {
    method: `wrk, 64 connections, while ${CHANGES} changes are written one after the other: a server of the backend under load leaves and comes back, its weight changes, the host gets another route.`,
    goals: [
      { what: 'Requests dropped by 1,000 changes under load', limit: 0, measured: refused, unit: '' },
      { what: 'Connections cut by 1,000 changes under load', limit: 0, measured: cut, unit: '' },
    ],
    tables: [
      {
        head: ['changes', 'changes per second', 'requests meanwhile', 'refused', 'cut'],
        rows: [[String(CHANGES), figure(CHANGES / seconds), String(requests), String(refused), String(cut)]],
      },
    ],
  };
}

/** The version of the last change. */
async function change(
  site: HeadgateSite,
  server: { readonly address: string; readonly port: number },
): Promise<number> {
  const { api } = site.controlPlane;
  const path = `/api/v1/backends/web/servers/${server.address}:${server.port}`;
  const host = { host: 'a.example.com' };
  const route = { match: { path: { prefix: '/elsewhere' } }, backend: 'web' };
  const steps = [
    () => api.write('DELETE', path),
    () => api.write('PUT', path, server),
    () => api.write('PATCH', path, { weight: 7 }),
    () => api.write('PUT', '/api/v1/hosts/a.example.com', { ...host, routes: [route, { backend: 'web' }] }),
    () => api.write('PUT', '/api/v1/hosts/a.example.com', { ...host, backend: 'web' }),
  ];
  let version = 0;
  for (let index = 0; index < CHANGES; index++) ({ version } = await steps[index % steps.length]!());
  return version;
}
