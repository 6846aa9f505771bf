import { settled } from '../conformance/eventually.ts';
import { answering, silent } from '../conformance/origin-scripts.ts';
import { readRequestHead } from '../conformance/read-message.ts';
import { unaccepting } from '../conformance/unaccepting-port.ts';
import { WireCut } from '../conformance/wire-end.ts';
import { accepting, webSocketRequest } from '../conformance/web-socket-text.ts';
import { answerText, requestText } from '../conformance/wire-text.ts';
import { EngineStage } from './engine-stage.cases.ts';

let stage: EngineStage;

beforeEach(() => {
  stage = new EngineStage();
});

afterEach(() => stage.clear());

const reasonIn = (body: Buffer): unknown => (JSON.parse(body.toString()) as { error: unknown }).error;

describe('the http-proxy engine does not wait for ever', () => {
  it('for a connection: 3 s, then 504, and nothing of the attempt is left', async () => {
    const busy = await unaccepting();
    stage.defer(() => busy.release());
    const forwarder = await stage.forward([busy.port]);
    const client = await stage.client(forwarder);
    client.send(requestText());
    await stage.pass(2_999);
    expect(client.unread).toBe('');
    await stage.pass(1);
    const answer = await client.response();
    expect([answer.status, reasonIn(answer.body)]).toEqual([504, 'connect_timeout']);
    await stage.idle(forwarder);
    expect(stage.clock.pending).toBe(0);
  });

  it('for a connection to the second server either', async () => {
    const busy = await unaccepting();
    stage.defer(() => busy.release());
    const origin = await stage.origin(answering());
    const forwarder = await stage.forward([busy.port, origin.port]);
    const client = await stage.client(forwarder);
    for (let round = 0; round < 2; round++) {
      client.send(requestText());
      // Whichever server is first in turn: the one that does not accept is left after 3 s.
      await settled(() => client.unread.length, 'the answer, or the wait, to have begun');
      if (client.unread === '') stage.clock.advance(3_000);
      expect((await client.response()).status).toBe(200);
    }
  });

  it('for the first byte of an answer: 60 s, then 504, and the server is let go', async () => {
    const { client, origin, forwarder } = await stage.serve(silent);
    client.send(requestText());
    await origin.request(0);
    await stage.pass(59_999);
    expect(forwarder.inFlight).toBe(1);
    await stage.pass(1);
    const answer = await client.response();
    expect([answer.status, reasonIn(answer.body)]).toEqual([504, 'first_byte_timeout']);
    await origin.connections[0]!.closed();
    expect((await client.ask(requestText({ host: 'b.test' }))).status).toBe(404);
  });

  it('for a client that stops in the middle of its content: 60 s after the last byte, then 408', async () => {
    const { client, origin } = await stage.serve(async (connection) => {
      await readRequestHead(connection);
      await connection.take(3);
    });
    client.send(requestText({ method: 'POST', fields: ['Content-Length: 10'] }));
    await origin.connection(0);
    await stage.pass(59_000);
    client.send('abc');
    await stage.eventually(() => origin.received.endsWith('abc'), 'the first bytes');
    await stage.pass(59_000);
    expect(client.unread).toBe('');
    await stage.pass(1_000);
    const answer = await client.response();
    expect([answer.status, reasonIn(answer.body)]).toEqual([408, 'request_timeout']);
    await origin.connections[0]!.closed();
    await stage.pass(1_000);
    await client.closed();
  });

  it('for a server that does not take the content: 504', async () => {
    const { client } = await stage.serve((connection) => connection.pause());
    client.send(requestText({ method: 'POST', fields: ['Content-Length: 100000000'] }));
    void client.pour(Buffer.alloc(100_000_000));
    await settled(() => client.accepted, 'the wire to be full');
    await stage.pass(60_000);
    const answer = await client.response();
    expect([answer.status, reasonIn(answer.body)]).toEqual([504, 'idle_timeout']);
    client.destroy();
  });

  it('for the rest of an answer: 60 s after the last byte the client sees it truncated', async () => {
    const { client, origin, forwarder } = await stage.serve(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    });
    const answer = client.ask(requestText());
    answer.catch(() => undefined);
    await stage.eventually(() => client.received.text().endsWith('hello'), 'the first bytes');
    await stage.pass(59_000);
    origin.connections[0]!.send('w');
    await stage.eventually(() => client.received.text().endsWith('w'), 'one more byte');
    await stage.pass(59_000);
    expect(client.ending).toBe('open');
    await stage.pass(1_000);
    await expect(answer).rejects.toThrow(WireCut);
    await stage.idle(forwarder);
    expect(forwarder.accessLines.at(-1)).toMatchObject({ status: 200, outcome: 'truncated', cause: 'idle_timeout' });
  });

  it('for a server that says nothing to Expect: after a second the client is told to go on', async () => {
    const { client } = await stage.serve(async (connection) => {
      await readRequestHead(connection);
      await connection.take(5);
      connection.send(answerText());
    });
    client.send(requestText({ method: 'PUT', fields: ['Expect: 100-continue', 'Content-Length: 5'] }));
    await stage.pass(1_000, 2);
    expect((await client.head()).status).toBe(100);
    client.send('hello');
    expect((await client.response()).status).toBe(200);
  });

  it('for a WebSocket in which nothing moves: 1 h, then both sides are closed', async () => {
    const { client, origin, forwarder } = await stage.serve(accepting);
    client.send(webSocketRequest());
    expect((await client.response()).status).toBe(101);
    await stage.pass(3_599_000);
    client.send('still there');
    await (await origin.connection(0)).takeThrough('still there');
    await stage.pass(3_599_000);
    expect(forwarder.open.tunnels).toBe(1);
    await stage.pass(1_000);
    await Promise.all([client.closed(), origin.connections[0]!.closed()]);
    await stage.idle(forwarder);
  });

  it('for the other half of a WebSocket of which one side has ended', async () => {
    const { client, origin, forwarder } = await stage.serve(accepting);
    client.send(webSocketRequest());
    expect((await client.response()).status).toBe(101);
    const server = await origin.connection(0);
    server.halfOpen = true;
    client.end();
    await server.closed();
    server.send('the rest');
    expect((await client.take(8)).toString()).toBe('the rest');
    await stage.pass(60_000);
    await stage.idle(forwarder);
  });

  it('for a client that does not take what is left of a refused request', async () => {
    const { client } = await stage.serve(answering());
    client.send(requestText({ method: 'POST', host: 'b.test', fields: ['Content-Length: 1000000'] }));
    expect((await client.response()).status).toBe(404);
    expect(client.ending).toBe('open');
    await stage.pass(1_000, 2);
    await client.closed();
  });
});
