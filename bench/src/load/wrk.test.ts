import { readWrk } from './wrk.ts';

const output = `Running 2s test @ http://127.0.0.1:8001/k
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.10ms    1.06ms  37.95ms   98.99%
    Req/Sec    30.85k     1.95k   35.35k    75.00%
  Latency Distribution
     50%    1.88ms
     75%    2.20ms
     90%  901.00us
     99%    1.20s
  61385 requests in 2.00s, 74.93MB read
  Socket errors: connect 1, read 20, write 300, timeout 4000
  Non-2xx or 3xx responses: 17
Requests/sec:  30689.41
Transfer/sec:     37.46MB
`;

describe('what wrk says', () => {
  it('is read with its units, and shares in other tables are no percentiles', () => {
    expect(readWrk(output)).toEqual({
      requests: 61_385,
      perSecond: 30_689.41,
      p50Ms: 1.88,
      p99Ms: 1_200,
      refused: 17,
      cut: 4_321,
    });
  });

  it('has no faults when it names none', () => {
    const clean = output.replace(/.*(Socket errors|Non-2xx).*\n/g, '');
    expect(readWrk(clean)).toMatchObject({ refused: 0, cut: 0 });
  });

  it('is refused when nothing was answered', () => {
    expect(() => readWrk('unable to connect to 127.0.0.1:1 Connection refused')).toThrow('unable to connect');
  });
});
