import type { z } from 'zod';
import type { Plan, WriteResult } from '../intent/intent.ts';
import type { WholeBackend } from '../intent/whole-backend.ts';
import { authorOf } from './change.ts';
import { dryRunReply, dryRunSchema } from './dry-run.ts';
import { changeQuery } from './message.ts';
import {
  defineOperation,
  type AnswerDefinition,
  type Operation,
  type OperationDefinition,
  type OperationRequest,
} from './operation.ts';
import type { Reply } from './reply.ts';
import type { ApiRooms } from './rooms.ts';
import { withOthers } from './with-others.ts';

/** What a request wants to change, and how a change that was made is answered. */
export interface PreparedChange {
  readonly plan: Plan;
  readonly reply: (result: WriteResult) => Reply;
  /** Why, where the caller says nothing. */
  readonly defaultMessage?: string;
}

type ChangeQuery = z.output<typeof changeQuery>;

export interface ChangeDefinition<P extends z.ZodObject, H extends z.ZodObject> extends Omit<
  OperationDefinition<P, typeof changeQuery, H>,
  'query' | 'handle'
> {
  /** Checks the content. What it throws, or its plan, is answered alike in a dry run. */
  prepare(request: OperationRequest<z.output<P>, ChangeQuery, z.output<H>>): PreparedChange;
}

/** Rooms of every change. */
export type ChangeRooms = Pick<ApiRooms, 'intent' | 'membership'>;

/**
 * An operation that changes operators' intent: it takes `message`, `dryRun` and `force`, and meets the change guard. With
 * `dryRun=true` the same plan is worked out and shown instead of being committed.
 */
export function defineChange<P extends z.ZodObject, H extends z.ZodObject>(
  { intent, membership }: ChangeRooms,
  definition: ChangeDefinition<P, H>,
): Operation {
  const { answers, errors = [], ...rest } = definition;
  return defineOperation({
    ...rest,
    query: changeQuery,
    answers: { ...answers, 200: answerOrDryRun(answers[200]) },
    errors: [...errors, 'HEADGATE_GUARD'],
    async handle(request: OperationRequest<z.output<P>, ChangeQuery, z.output<H>>) {
      const { plan, reply, defaultMessage = '' } = definition.prepare(request);
      const whole: WholeBackend = (name, state) => withOthers(membership.state.value)(name, state);
      if (request.query.dryRun) return dryRunReply(await intent.rehearse(plan, { whole }), whole);
      const who = authorOf(request);
      const author = { ...who, message: who.message === '' ? defaultMessage : who.message };
      return reply(await intent.write(plan, author, { force: request.query.force, whole }));
    },
  });
}

/** A dry run has no ETag: it left nothing that could have one. */
function answerOrDryRun(answer: AnswerDefinition | undefined): AnswerDefinition {
  if (answer?.schema === undefined) return { description: 'What a dry run shows.', schema: dryRunSchema };
  const { description, schema, headers } = answer;
  return {
    description: `${description} With dryRun=true: what would happen.`,
    schema: schema.or(dryRunSchema),
    ...(headers === undefined ? {} : { optionalHeaders: headers }),
  };
}
