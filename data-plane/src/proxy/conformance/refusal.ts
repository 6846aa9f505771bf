import type { ConformanceCase } from './conformance-case.ts';
import { answering } from './origin-scripts.ts';
import type { RawClient } from './raw-client.ts';
import type { Stage } from './stage.ts';
import { membersOf } from './wire-message.ts';
import { requestText } from './wire-text.ts';

/** Comes after what has to be refused: were the connection read on, this would be served. */
const smuggled = requestText({ target: '/smuggled' });

export interface Refusal {
  readonly id: string;
  /** What the request is or has, as the object of "refuses". */
  readonly what: string;
  readonly send: string;
  /** Default 400 alone. */
  readonly statuses?: readonly number[];
}

/** A head that has to be refused: an error answer, the connection closed, and not one byte to a server. */
export function refusedHead(refusal: Refusal): ConformanceCase {
  return {
    id: refusal.id,
    title: `refuses ${refusal.what}, closes, and forwards nothing`,
    async run(stage: Stage) {
      const { client, origin, forwarder } = await stage.serve(answering());
      client.send(refusal.send + smuggled);
      await expectRefusal(client, refusal);
      await stage.idle(forwarder);
      expect(origin.received).toBe('');
    },
  };
}

/** A body that has to be refused: its head may have gone to a server by then, but no whole request may. */
export function refusedBody(refusal: Refusal): ConformanceCase {
  return {
    id: refusal.id,
    title: `refuses ${refusal.what}, closes, and completes no request to a server`,
    async run(stage: Stage) {
      const { client, origin, forwarder } = await stage.serve(answering());
      client.send(refusal.send + smuggled);
      await expectRefusal(client, refusal, { leaves: true });
      await stage.idle(forwarder);
      const isClosed = (): boolean => origin.connections.every((connection) => connection.ending !== 'open');
      await stage.eventually(isClosed, 'the connection with the incomplete request to be closed');
      expect(origin.requests).toEqual([]);
      expect(origin.received).not.toContain('smuggled');
    },
  };
}

/** `leaves`: the client closes as it is told to, for the forwarder may be reading on for a while, so as not to reset. */
async function expectRefusal(client: RawClient, refusal: Refusal, { leaves } = { leaves: false }): Promise<void> {
  const answer = await client.response();
  expect(refusal.statuses ?? [400]).toContain(answer.status);
  if (answer.framing !== 'close') expect(membersOf(answer, 'connection')).toContain('close');
  if (leaves) client.end();
  await client.closed();
  expect(client.unread).toBe('');
}
