import type { Fault } from './model/fault.ts';

/**
 * Every expected failure of the API, with its HTTP status and what to do. Codes are stable; texts may change.
 */
export const errorCatalogue = {
  HEADGATE_BAD_SYNTAX: { status: 400, title: 'The request cannot be read' },
  HEADGATE_BAD_PARAMETER: { status: 400, title: 'A parameter is wrong' },
  HEADGATE_UNAUTHENTICATED: { status: 401, title: 'A token is needed' },
  HEADGATE_FORBIDDEN: { status: 403, title: 'This is not allowed' },
  HEADGATE_NOT_FOUND: { status: 404, title: 'There is no such thing' },
  HEADGATE_METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not known here' },
  HEADGATE_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  HEADGATE_ALREADY_EXISTS: { status: 409, title: 'It exists already' },
  HEADGATE_IN_USE: { status: 409, title: 'It is in use' },
  HEADGATE_GUARD: { status: 409, title: 'The change would remove a great deal' },
  HEADGATE_OWNED_ELSEWHERE: { status: 409, title: 'It belongs to somebody else' },
  HEADGATE_NOT_CONNECTED: { status: 409, title: 'The data plane is not connected' },
  HEADGATE_NOT_SUPPORTED: { status: 409, title: 'The data plane does not know this' },
  HEADGATE_NOT_ROTATABLE: { status: 409, title: 'The join token is given by a setting' },
  HEADGATE_NO_DATA_PLANE: { status: 409, title: 'No data plane is connected' },
  HEADGATE_NO_REGISTRATIONS: { status: 409, title: 'The backend does not take registrations' },
  HEADGATE_ROTATING: { status: 409, title: 'A rotation is under way' },
  HEADGATE_NOT_HELD: { status: 409, title: 'Nothing is held' },
  HEADGATE_STALE: { status: 412, title: 'It has changed since you read it' },
  HEADGATE_TOO_LARGE: { status: 413, title: 'The request is too large' },
  HEADGATE_UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not known' },
  HEADGATE_INVALID: { status: 422, title: 'The content is not valid' },
  HEADGATE_TOO_MANY_ATTEMPTS: { status: 429, title: 'Too many bad tokens' },
  HEADGATE_TOO_MANY_QUESTIONS: { status: 429, title: 'The data plane has too many questions to answer' },
  HEADGATE_HEAD_TOO_LARGE: { status: 431, title: 'The head of the request is too large' },
  HEADGATE_INTERNAL: { status: 500, title: 'Something went wrong inside' },
  HEADGATE_DATA_PLANE_FAILED: { status: 502, title: 'The data plane could not answer' },
  HEADGATE_UNAVAILABLE: { status: 503, title: 'The control plane is not ready' },
  HEADGATE_NO_ANSWER: { status: 504, title: 'The data plane did not answer in time' },
  HEADGATE_STORE_FULL: { status: 507, title: 'The disk is full' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An expected failure. A bug throws anything else. */
export class HeadgateError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  /** How long the caller is to wait before it tries again; undefined where waiting alone does not help. */
  readonly retryAfterMs: number | undefined;

  /** `detail` is for the caller's eyes: it must hold no secret and nothing of the inside. */
  constructor(
    code: ErrorCode,
    detail: string,
    options: { readonly faults?: readonly Fault[]; readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'HeadgateError';
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  get title(): string {
    return errorCatalogue[this.code].title;
  }
}
