import type { OriginScript } from './scripted-origin.ts';
import { answerText } from './wire-text.ts';
import type { WireRequest } from './wire-message.ts';

type Answer = string | ((request: WireRequest, connection: number) => string);

/** Takes request after request and answers each. Default: 200 with the body "ok". */
export function answering(answer: Answer = answerText()): OriginScript {
  return async (connection, index) => {
    for (;;) {
      const request = await connection.request();
      connection.send(typeof answer === 'string' ? answer : answer(request, index));
    }
  };
}

/** Answers each request, in order, by the next answer of the list and closes after the last one. */
export function answeringInTurn(...answers: readonly string[]): OriginScript {
  return async (connection) => {
    for (const answer of answers) {
      await connection.request();
      connection.send(answer);
    }
    connection.end();
  };
}

/** Takes requests and never answers. */
export const silent: OriginScript = async (connection) => {
  for (;;) await connection.request();
};

/** Answers by the body of the request. */
export const echoing: OriginScript = answering((request) => answerText({ body: request.body.toString('latin1') }));

/** Answers the first connection by one script and later ones by another. */
export function firstThen(first: OriginScript, later: OriginScript): OriginScript {
  return (connection, index) => (index === 0 ? first : later)(connection, index);
}
