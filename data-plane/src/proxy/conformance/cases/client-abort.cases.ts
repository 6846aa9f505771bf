import type { ConformanceCase } from '../conformance-case.ts';
import { answering, silent } from '../origin-scripts.ts';
import type { RawClient } from '../raw-client.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { unaccepting } from '../unaccepting-port.ts';
import { requestText } from '../wire-text.ts';

const leave = {
  fin: (client: RawClient) => client.end(),
  reset: (client: RawClient) => client.reset(),
};
type Leaving = keyof typeof leave;
const ways: readonly Leaving[] = ['fin', 'reset'];

interface Abort {
  readonly when: string;
  readonly title: string;
  readonly script: OriginScript;
  readonly send: string;
  /** What the client waits for before it leaves. */
  readonly until: (client: RawClient) => boolean;
}

/** The server has to be free again at once, not when some time limit says so: all of them are left at a minute. */
const abort = ({ when, title, script, send, until }: Abort, how: Leaving): ConformanceCase => ({
  id: `client-abort/${when}-${how}`,
  title: `${title} (${how})`,
  async run(stage) {
    const { client, origin, forwarder } = await stage.serve(script);
    client.send(send);
    const connection = await origin.connection(0);
    await connection.until(() => connection.received.text().includes('\r\n\r\n'), 'the head of the request');
    await client.until(() => until(client), 'the moment to leave');
    leave[how](client);
    await connection.closed();
    await stage.idle(forwarder);
    expect(forwarder.accessLines.map((line) => line.outcome)).toEqual(['client_aborted']);
  },
});

const aborts: readonly Abort[] = [
  {
    when: 'waiting',
    title: 'frees the server when the client leaves before an answer',
    script: silent,
    send: requestText(),
    until: () => true,
  },
  {
    when: 'answer',
    title: 'frees the server when the client leaves in the middle of the answer',
    script: answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
    send: requestText(),
    until: (client) => client.received.text().endsWith('part'),
  },
  {
    when: 'chunks',
    title: 'frees the server when the client leaves between two chunks',
    script: answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'),
    send: requestText(),
    until: (client) => client.received.text().includes('part'),
  },
  {
    when: 'upload',
    title: 'frees the server when the client leaves in the middle of its body',
    script: silent,
    send: `${requestText({ method: 'POST', fields: ['Content-Length: 100'] })}part`,
    until: () => true,
  },
];

export const clientAbortCases: readonly ConformanceCase[] = [
  ...aborts.flatMap((one) => ways.map((how) => abort(one, how))),
  ...ways.map((how): ConformanceCase => ({
    id: `client-abort/connecting-${how}`,
    title: `gives up connecting to a server when the client leaves (${how})`,
    async run(stage) {
      const { port, release } = await unaccepting();
      stage.defer(release);
      const forwarder = await stage.forward([port], { backend: { timeouts: { connect: '60s' } } });
      const client = await stage.client(forwarder);
      client.send(requestText());
      await stage.eventually(() => forwarder.inFlight === 1, 'the request to be under way');
      leave[how](client);
      await stage.idle(forwarder);
    },
  })),
  {
    id: 'client-abort/after-answer',
    title: 'takes a request for complete whose client leaves after the answer',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      client.end();
      await client.closed();
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.outcome)).toEqual(['complete']);
    },
  },
  {
    id: 'client-abort/many',
    title: 'leaves nothing behind of 64 clients that leave at different moments',
    async run(stage) {
      const { forwarder } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
        await connection.drip('0123456789', 5);
      });
      const one = async (bytes: number): Promise<void> => {
        const client = await stage.client(forwarder);
        client.send(requestText());
        await client.until(() => client.received.length >= bytes, `${bytes} bytes`);
        leave[bytes % 2 === 0 ? 'fin' : 'reset'](client);
      };
      await Promise.all(Array.from({ length: 64 }, (_, index) => one(index * 2)));
      await stage.idle(forwarder);
    },
  },
];
