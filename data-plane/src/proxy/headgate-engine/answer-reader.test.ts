import type { AnswerHead } from './answer-head.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';

/** Notes what it is told, content joined. */
class Notes implements AnswerSink {
  readonly notes: string[] = [];
  content = '';

  interim(head: AnswerHead): void {
    this.notes.push(`interim ${head.status}`);
  }
  switched(head: AnswerHead, bytes: Buffer, from: number, to: number): void {
    this.notes.push(`switched ${head.status} ${bytes.toString('latin1', from, to)}`);
  }
  answer(head: AnswerHead, framing: string): void {
    this.notes.push(`answer ${head.status} ${framing}`);
  }
  answerContent(bytes: Buffer, from: number, to: number): void {
    this.content += bytes.toString('latin1', from, to);
  }
  answerComplete(trailers: readonly string[], isLast: boolean): void {
    this.notes.push(`complete ${trailers.join('=')} ${isLast ? 'last' : 'more'}`);
  }
  invalidAnswer(): void {
    this.notes.push('invalid');
  }
}

function read(pieces: readonly string[], method = 'GET', reader = new AnswerReader()): Notes {
  const sink = new Notes();
  reader.begin(method);
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    reader.take(bytes, bytes.length, sink);
  }
  return sink;
}

const CHUNKED =
  'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n';

describe('an answer reader', () => {
  it.each(Array.from({ length: CHUNKED.length - 1 }, (_, index) => index + 1))('reads answers cut at %i', (at) => {
    const sink = read([CHUNKED.slice(0, at), CHUNKED.slice(at)]);
    expect(sink.notes).toEqual(['interim 103', 'answer 200 chunked', 'complete X=1 last']);
    expect(sink.content).toBe('hello');
  });

  it.each([
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', ['answer 200 length', 'complete  last'], 'ok'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ['answer 200 length', 'complete  last'], ''],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP', ['answer 200 length', 'complete  more'], 'ok'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', ['answer 200 none', 'complete  last'], ''],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', ['answer 200 none', 'complete  more'], ''],
    ['GET', 'HTTP/1.1 204\r\n\r\n', ['answer 204 none', 'complete  last'], ''],
    ['GET', 'HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n', ['answer 304 none', 'complete  last'], ''],
    ['GET', 'HTTP/1.0 200 OK\r\n\r\nok', ['answer 200 close'], 'ok'],
    ['GET', 'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\nabc', ['switched 101 abc'], ''],
    ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n2\r\nok\r\n0\r\n\r\n', ['invalid'], ''],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length:\t2\r\n\r\nok', ['invalid'], ''],
    ['GET', 'HTTP/1.0 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok', ['invalid'], ''],
    ['GET', 'HTTP/1.1 103 Hints\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok', ['invalid'], ''],
    ['GET', 'HTTP/1.1 103 Hints\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nok', ['invalid'], ''],
    ['GET', 'HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok', ['invalid'], ''],
    ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz', ['answer 200 chunked', 'invalid'], ''],
  ])('reads the answer to %s: %j', (method, text, notes, content) => {
    const sink = read([text], method);
    expect([sink.notes, sink.content]).toEqual([notes, content]);
  });

  it.each([
    'HTTP/1.2 200 OK\r\n\r\n',
    'HTTP/1.1 99 OK\r\n\r\n',
    'HTTP/1.1 600 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 200\tOK\r\n\r\n',
    'HTTP/1.1 200 O\x01K\r\n\r\n',
    'HTTP/1.1 200 OK\nX: 1\r\n',
    'HTTP/1.1 200 OK\r\nX : 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'SSH-2.0',
    'HTTP/1.1 200 OK\r\nX: ' + 'v'.repeat(70_000),
  ])('takes %j for no answer, without waiting for its end', (text) => {
    expect(read([text]).notes).toEqual(['invalid']);
  });

  it('reads one answer after the other, also when its head is that of the one before', () => {
    const reader = new AnswerReader();
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: 1\r\n\r\n';
    expect(read([`${text}ab`], 'GET', reader).content).toBe('ab');
    expect(read([text, 'cd'], 'GET', reader).content).toBe('cd');
    expect(read([text.replace(': 2', ': 3'), 'efg'], 'GET', reader).content).toBe('efg');
  });

  it('tells nothing more once it is stopped', () => {
    const reader = new AnswerReader();
    const sink = new Notes();
    sink.answer = () => reader.stop();
    reader.begin('GET');
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    reader.take(bytes, bytes.length, sink);
    expect([sink.notes, sink.content]).toEqual([[], '']);
  });
});
