import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import { eventually } from '../../stream/eventually.cases.ts';

/** A slice of the Service with one port and these addresses, of one version. */
export function testSlice(name: string, version: number, addresses: readonly string[]): object {
  return {
    metadata: { name, resourceVersion: String(version) },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  };
}

/** One request, which waits for what the test answers. */
export class AskedRequest {
  readonly url: URL;
  readonly token: string | undefined;
  /** Common name of the client's certificate. */
  readonly client: string | undefined;
  readonly #response: ServerResponse;
  #isClosed = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.url = new URL(request.url ?? '', 'https://api');
    this.token = request.headers.authorization;
    const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    this.client = typeof name === 'string' ? name : undefined;
    this.#response = response;
    response.on('close', () => (this.#isClosed = true));
  }

  get verb(): 'list' | 'watch' {
    return this.parameter('watch') === undefined ? 'list' : 'watch';
  }

  /** Whether the connection has gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  parameter(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined;
  }

  list(version: number, items: readonly object[], next?: string): void {
    const metadata = { resourceVersion: String(version), ...(next !== undefined && { continue: next }) };
    this.#response.end(JSON.stringify({ kind: 'EndpointSliceList', metadata, items }));
  }

  status(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, headers).end(JSON.stringify({ message: 'told-in-confidence' }));
  }

  /** The head of an answer, and nothing yet behind it. */
  open(): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  }

  /** Lines that say what has happened, written at once. */
  events(...events: readonly (readonly [type: string, object: object])[]): void {
    this.write(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''));
  }

  write(text: string): void {
    this.#response.write(text);
  }

  end(text = ''): void {
    this.#response.end(text);
  }

  /** Ends the connection in the middle of the answer, after what was written. */
  cut(): void {
    this.#response.write('', () => this.#response.socket?.destroy());
  }
}

/** The API of a cluster that says what a test wants, request by request, with the files of a service account for it. */
export class ScriptedApi {
  readonly port: number;
  /** Of the service account. */
  readonly directory: string;
  readonly #server: Server;
  readonly #asked: AskedRequest[] = [];
  #taken = 0;

  static async start(): Promise<ScriptedApi> {
    const server = createServer({
      cert: testPem('first.crt'),
      key: testPem('first.key'),
      ca: testPem('clients-one-ca.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const api = new ScriptedApi(server, await mkdtemp(join(tmpdir(), 'headgate-account-')));
    await api.put('token', 'first-token\n');
    await api.put('namespace', 'shop\n');
    await api.put('ca.crt', testPem('servers-ca.crt'));
    return api;
  }

  private constructor(server: Server, directory: string) {
    this.#server = server;
    this.directory = directory;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => this.#asked.push(new AskedRequest(request, response)));
  }

  /** How many requests have come. */
  get count(): number {
    return this.#asked.length;
  }

  /** A file of the service account. */
  async put(name: string, content: string | Buffer): Promise<void> {
    await writeFile(join(this.directory, name), content);
  }

  /** The next request, in the order in which they came. */
  async next(verb: AskedRequest['verb']): Promise<AskedRequest> {
    await eventually(`request ${this.#taken + 1}, a ${verb}`, () => this.#asked.length > this.#taken);
    const request = this.#asked[this.#taken++]!;
    if (request.verb !== verb) throw new Error(`expected a ${verb}, got ${request.url.search}`);
    return request;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.directory, { recursive: true });
  }
}
