import { formatEndpoint } from '@headgate/shared/model/address';
import type { StatusRange } from '@headgate/shared/model/health-check';
import { AnswerHead, type HeadReading } from './answer-head.ts';
import { converse } from './converse.ts';
import type { Probe, ProbeRequest, ProbeResult } from './probe.ts';

/** Fields that every probe has unless the check says otherwise. */
const usualFields = [
  { name: 'User-Agent', value: 'headgate-health-check' },
  { name: 'Accept', value: '*/*' },
];

/**
 * A server is healthy when it answers with a valid status. Every probe has a connection of its own. The status decides
 * as soon as the head is complete: the body is not waited for, a redirect is an answer like any other and is not
 * followed.
 */
export const probeHttp: Probe = (request) =>
  converse(request, (socket, finish) => {
    const head = new AnswerHead();
    socket.on('connect', () => socket.write(requestText(request)));
    socket.on('end', () => finish({ outcome: 'connection_lost', detail: 'the connection ended before the answer' }));
    socket.on('data', (chunk: Buffer) => {
      const result = judge(head.push(chunk), request.check.validStatuses);
      if (result !== undefined) finish(result);
    });
  });

function requestText({ address, port, check }: ProbeRequest): string {
  const own = new Set(check.headers.map(({ name }) => name.toLowerCase()));
  const fields = [...usualFields.filter(({ name }) => !own.has(name.toLowerCase())), ...check.headers];
  return [
    `${check.method} ${check.path} HTTP/1.1`,
    `Host: ${check.host === '' ? formatEndpoint(address, port) : check.host}`,
    ...fields.map(({ name, value }) => `${name}: ${value}`),
    'Connection: close',
    '\r\n',
  ].join('\r\n');
}

/** Undefined while there is nothing to judge yet. */
function judge(reading: HeadReading, valid: readonly StatusRange[]): ProbeResult | undefined {
  switch (reading.kind) {
    case 'incomplete':
      return undefined;
    case 'invalid':
      return { outcome: 'invalid_answer', detail: reading.reason };
    case 'status': {
      const { status } = reading;
      if (valid.some(({ from, to }) => status >= from && status <= to)) return { outcome: 'success', detail: '' };
      return { outcome: 'unexpected_status', detail: `status ${status}` };
    }
  }
}
