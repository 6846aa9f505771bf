import { status, type ServerErrorResponse } from '@grpc/grpc-js';

export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'INVALID_ARGUMENT'
  | 'FAILED_PRECONDITION'
  | 'ALREADY_EXISTS'
  | 'ABORTED'
  | 'DEADLINE_EXCEEDED'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'INTERNAL';

/** Why a stream is ended by the control plane. The text is for whoever runs the data plane. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
}

/** The message cannot be worked with: the stream is ended. */
export class RefusalError extends Error implements Refusal {
  override readonly name = 'RefusalError';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.code = code;
  }

  get detail(): string {
    return this.message;
  }
}

/** What gRPC ends a stream with. */
export function statusOf(refusal: Refusal): Partial<ServerErrorResponse> {
  return { code: status[refusal.code], details: refusal.detail };
}
