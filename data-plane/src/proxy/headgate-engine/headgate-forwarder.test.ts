import { tickMs } from './timer-wheel.ts';
import { errorOf } from '../conformance/expect-own-answer.ts';
import { within } from '../conformance/eventually.ts';
import { answering, silent } from '../conformance/origin-scripts.ts';
import { unaccepting } from '../conformance/unaccepting-port.ts';
import { accepting, webSocketRequest } from '../conformance/web-socket-text.ts';
import { WireCut } from '../conformance/wire-end.ts';
import { answerText, chunkedText, requestText } from '../conformance/wire-text.ts';
import { EngineStage } from './engine-stage.cases.ts';

let stage: EngineStage;

beforeEach(() => {
  stage = new EngineStage();
});

afterEach(() => stage.clear());

/** What a wait may last longer than it is set. */
const LATE_MS = 2 * tickMs;

describe('the headgate engine does not wait for ever', () => {
  it('for a connection: 3 s, then 504', async () => {
    const busy = await unaccepting();
    stage.defer(() => busy.release());
    const forwarder = await stage.forward([busy.port]);
    const client = await stage.client(forwarder);
    client.send(requestText());
    await stage.eventually(() => forwarder.inFlight === 1, 'the request to be under way');
    stage.clock.advance(2_999);
    expect(forwarder.inFlight).toBe(1);
    stage.clock.advance(1 + LATE_MS);
    const answer = await client.response();
    expect([answer.status, errorOf(answer)]).toEqual([504, 'connect_timeout']);
  });

  it('for the first byte of an answer: 60 s, then 504', async () => {
    const { client, origin, forwarder } = await stage.serve(silent);
    client.send(requestText({ method: 'POST' }));
    await origin.request(0);
    stage.clock.advance(59_999);
    expect(forwarder.inFlight).toBe(1);
    stage.clock.advance(1 + LATE_MS);
    const answer = await client.response();
    expect([answer.status, errorOf(answer)]).toEqual([504, 'first_byte_timeout']);
    await origin.connections[0]!.closed();
  });

  it('for the rest of an answer: 60 s after its last byte', async () => {
    const { client, origin } = await stage.serve(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    });
    client.send(requestText());
    await client.until(() => client.received.text().endsWith('abc'), 'the beginning');
    stage.clock.advance(59_000);
    (await origin.connection(0)).send('def');
    await client.until(() => client.received.text().endsWith('def'), 'more of it');
    stage.clock.advance(59_000);
    expect(client.ending).toBe('open');
    stage.clock.advance(1_000 + LATE_MS);
    await expect(client.response()).rejects.toThrow(WireCut);
  });

  it('for a head: 10 s, then 408; for another request: 75 s, then it closes without a word', async () => {
    const { client, forwarder } = await stage.serve(answering());
    const other = await stage.client(forwarder);
    expect((await other.ask(requestText())).status).toBe(200);
    expect((await client.ask(`${requestText()}GET / HT`)).status).toBe(200);
    stage.clock.advance(10_000 + LATE_MS);
    expect((await client.response()).status).toBe(408);
    expect(other.ending).toBe('open');
    stage.clock.advance(65_000);
    expect(await other.closed()).toBe('end');
    expect(other.unread).toBe('');
  });

  it('for a byte in a tunnel: 1 h', async () => {
    const { client, forwarder } = await stage.serve(accepting);
    expect((await client.ask(webSocketRequest())).status).toBe(101);
    stage.clock.advance(3_599_000);
    expect(forwarder.open.tunnels).toBe(1);
    stage.clock.advance(1_000 + LATE_MS);
    await client.closed();
  });

  it('for a client to close that was told to: 1 s', async () => {
    const { client, forwarder } = await stage.serve(answering());
    client.halfOpen = true;
    expect((await client.ask(requestText({ fields: ['Connection: close'] }))).status).toBe(200);
    await client.closed();
    expect(forwarder.open.connections).toBe(1);
    stage.clock.advance(1_000 + LATE_MS);
    await stage.eventually(() => forwarder.open.connections === 0, 'the connection to be gone');
  });

  it('and leaves no timer behind when nothing is open', async () => {
    const { client, origin, forwarder } = await stage.serve(answering());
    expect((await client.ask(requestText())).status).toBe(200);
    client.destroy();
    await stage.eventually(() => forwarder.open.connections === 0, 'the connection to be gone');
    expect(stage.clock.pending).toBe(1);
    stage.clock.advance(5_000);
    await origin.connections[0]!.closed();
    await stage.eventually(() => stage.clock.pending === 0, 'the last timer to be gone');
  });
});

describe('the headgate engine keeps idle connections to servers', () => {
  it('for 4 s', async () => {
    const { client, origin } = await stage.serve(answering());
    for (const [passMs, connections] of [
      [0, 1],
      [3_000, 1],
      [4_000, 2],
    ] as const) {
      stage.clock.advance(passMs);
      expect((await client.ask(requestText())).status).toBe(200);
      expect(origin.connections).toHaveLength(connections);
    }
    await origin.connections[0]!.closed();
  });

  it('for less than the server says', async () => {
    const { client, origin } = await stage.serve(answering(answerText({ fields: ['Keep-Alive: timeout=3'] })));
    for (const [passMs, connections] of [
      [0, 1],
      [1_000, 1],
      [2_000, 2],
    ] as const) {
      stage.clock.advance(passMs);
      expect((await client.ask(requestText())).status).toBe(200);
      expect(origin.connections).toHaveLength(connections);
    }
  });

  it('and takes the one that was used last', async () => {
    const { forwarder, origin } = await stage.serve(async (connection) => {
      for (;;) {
        const { target } = await connection.request();
        if (target !== '/wait') connection.send(answerText());
      }
    });
    const [first, second] = [await stage.client(forwarder), await stage.client(forwarder)];
    first.send(requestText({ target: '/wait' }));
    await origin.request(0);
    expect((await second.ask(requestText())).status).toBe(200);
    origin.connections[0]!.send(answerText());
    await first.response();
    expect((await second.ask(requestText({ target: '/last' }))).status).toBe(200);
    expect(origin.connections[0]!.requests.map((request) => request.target)).toEqual(['/wait', '/last']);
  });
});

describe('the headgate engine writes', () => {
  it('a request, and the beginning of its content, in one piece', async () => {
    const { client, origin } = await stage.serve(answering());
    const pieces: number[] = [];
    expect((await client.ask(requestText())).status).toBe(200);
    origin.connections[0]!.socket.on('data', (bytes) => pieces.push(bytes.length));
    await client.ask(requestText({ method: 'POST', body: 'hello' }));
    expect(pieces).toHaveLength(1);
  });

  it('an answer that comes in one piece in one piece, chunks and trailers included', async () => {
    const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedText(['hello', 'you'], ['X-T: 1'])}`;
    const { client } = await stage.serve(answering(chunked));
    const pieces: number[] = [];
    client.socket.on('data', (bytes) => pieces.push(bytes.length));
    const answer = await client.ask(requestText());
    expect([answer.body.toString(), answer.trailers, pieces.length]).toEqual(['helloyou', [['X-T', '1']], 1]);
  });

  it('no Host of its own but for a client that names none: then the address of the server', async () => {
    const { client, origin } = await stage.serve(answering(), { hosts: [{ host: '*', backend: 'web' }] });
    expect((await client.ask(requestText({ version: '1.0', host: '' }))).status).toBe(200);
    expect(origin.requests[0]!.fields).toContainEqual(['Host', `127.0.0.1:${origin.port}`]);
  });
});

describe('the headgate engine closes', () => {
  it('after an answer that had begun when it stopped accepting', async () => {
    const { client, origin, forwarder } = await stage.serve(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
    });
    client.send(requestText());
    await client.until(() => client.received.text().endsWith('half'), 'the beginning of the answer');
    const stopped = forwarder.stopAccepting();
    (await origin.connection(0)).send('half');
    expect((await client.response()).body.toString()).toBe('halfhalf');
    expect(await client.closed()).toBe('end');
    await within(stopped, 'the forwarder to stop');
  });

  it('after content that is broken behind an answer that went out early', async () => {
    const { client, origin } = await stage.serve(answering());
    const head = requestText({ method: 'POST', host: 'b.test', fields: ['Content-Length: 5'] });
    expect((await client.ask(head)).status).toBe(404);
    client.send(`hello${requestText()}`);
    expect((await client.response()).status).toBe(200);
    const chunked = requestText({ method: 'POST', host: 'b.test', fields: ['Transfer-Encoding: chunked'] });
    client.send(chunked);
    expect((await client.response()).status).toBe(404);
    client.send(`zz\r\n${requestText({ target: '/smuggled' })}`);
    await client.closed();
    expect(origin.received).not.toContain('smuggled');
  });
});
