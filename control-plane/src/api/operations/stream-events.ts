import { HeadgateError } from '@headgate/shared/error';
import { z } from 'zod';
import { eventTypes, type EventType } from '../../events/event.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const TYPES_MESSAGE = `is not a list of event types — use some of ${eventTypes.join(', ')}, separated by commas`;
const ID_MESSAGE = 'is too long — send the id of the last event that was seen';
const STREAM_DESCRIPTION =
  'Server-sent events. Each has an id, a type (event) and data: a JSON object with the time as `at`. ' +
  'The event gap says that events were lost before the next one.';

const eventsQuery = z.strictObject({
  types: z
    .string()
    .max(200, TYPES_MESSAGE)
    .refine((text) => text.split(',').every(isEventType), TYPES_MESSAGE)
    .optional()
    .transform((text) => new Set(text === undefined ? eventTypes : text.split(',').filter(isEventType)))
    .meta({ description: `Only these, separated by commas: ${eventTypes.join(', ')}.`, examples: ['ack,nack'] }),
});

const eventsHeaders = z.object({
  'last-event-id': z
    .string()
    .max(200, ID_MESSAGE)
    .optional()
    .meta({ description: 'Begins after the event of this id, else with what happens from now on.' }),
});

export function streamEvents({ listeners }: Pick<ApiRooms, 'listeners'>): Operation {
  return defineOperation({
    operationId: 'streamEvents',
    method: 'get',
    path: '/api/v1/events',
    tag: 'events',
    summary: 'Streams what happens, as server-sent events, until the caller ends it',
    scope: 'read',
    query: eventsQuery,
    headers: eventsHeaders,
    answers: {
      200: {
        description: STREAM_DESCRIPTION,
        schema: z.string(),
        contentType: 'text/event-stream',
        headers: { Connection: 'close: the end of the stream is the end of the connection.' },
      },
    },
    errors: ['HEADGATE_UNAVAILABLE'],
    handle({ query, headers, signal }) {
      const stream = listeners.add({ types: query.types, lastEventId: headers['last-event-id'], signal });
      if (stream === undefined) throw tooMany(listeners.most);
      return { status: 200, contentType: 'text/event-stream', headers: { Connection: 'close' }, stream };
    },
  });
}

function isEventType(text: string): text is EventType {
  return eventTypes.some((type) => type === text);
}

function tooMany(most: number): HeadgateError {
  const detail = `There are ${most} listeners to events, and there may be no more — end one, or try again later`;
  return new HeadgateError('HEADGATE_UNAVAILABLE', detail);
}
