// What `helm test` runs, on the image of the control plane: writes a route to itself, waits until every data plane
// serves it, sends requests through them, and takes the route away again. Exits with 1 and says why when one fails.
//
// HEADGATE_API           https://…:9001; its authority in NODE_EXTRA_CA_CERTS
// HEADGATE_TOKEN_FILE    the admin token
// HEADGATE_TRAFFIC       http://…:80, where data planes take traffic
// OWN_ADDRESS            where data planes reach this process

import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { randomBytes } from 'node:crypto';

const { HEADGATE_API: api, HEADGATE_TRAFFIC: traffic, HEADGATE_TOKEN_FILE: tokenFile, OWN_ADDRESS: own } = process.env;
const token = readFileSync(tokenFile, 'utf8').trim();
const proof = randomBytes(8).toString('hex');
const name = `helm-test-${proof}`;
const host = `${name}.invalid`;
const REQUESTS = 20;

async function call(method, path, body) {
  const answer = await fetch(`${api}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** A new connection each time, so that all data planes have their turn. */
function send() {
  return new Promise((resolve, reject) => {
    const sent = request(traffic, { headers: { host }, agent: false, timeout: 10_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200 && text === proof) resolve();
        else reject(new Error(`a request for ${host} was answered ${answer.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${traffic} does not answer`)));
    sent.on('error', reject);
    sent.end();
  });
}

async function prove(port) {
  await call('PUT', `/backends/${name}?message=helm%20test`, { name, servers: [{ address: own, port }] });
  const { version } = await call('PUT', `/hosts/${host}?message=helm%20test`, { host, backend: name });
  console.log(`${host} is written: version ${version}`);
  const { converged, dataPlanes } = await call('GET', `/versions/${version}/convergence?wait=30s&ignore=gone`);
  const states = dataPlanes.map(({ id, state }) => `${id} ${state}`).join(', ');
  if (!converged)
    throw new Error(`version ${version} is not live everywhere: ${states || 'no data plane is connected'}`);
  console.log(`it is live: ${states}`);
  for (let count = 0; count < REQUESTS; count++) await send();
  console.log(`${REQUESTS} requests came here through ${traffic}`);
}

/** A failure here does not change the verdict. */
async function clean() {
  for (const path of [`/hosts/${host}`, `/backends/${name}`]) {
    await call('DELETE', `${path}?message=helm%20test`).catch((error) => console.error(String(error)));
  }
}

const server = createServer((_, answer) => answer.end(proof));
server.listen(0, async () => {
  try {
    await prove(server.address().port);
    console.log('Headgate works');
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exitCode = 1;
  } finally {
    await clean();
    server.closeAllConnections();
    server.close();
  }
});
