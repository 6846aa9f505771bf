import type { Outcome } from './forwarder.ts';

/** One request, as the access log tells it. Of its target only the path: queries carry secrets. */
export interface AccessEntry {
  /** Unix time in milliseconds at which the request came. */
  readonly startedAtMs: number;
  readonly requestId: string;
  readonly epoch: string;
  readonly version: number;
  readonly client: string;
  readonly method: string;
  /** Normalised, "" when it is not known. */
  readonly host: string;
  readonly path: string;
  /** "" when the request went to none. */
  readonly backend: string;
  /** `address:port` of the last attempt, "" when there was none. */
  readonly server: string;
  /** 0 when no answer began. */
  readonly status: number;
  /** Of an own answer, else "". */
  readonly reason: string;
  readonly outcome: Outcome;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly durationMs: number;
  readonly attempts: number;
}

const MAX_PATH = 2_048;
const MAX_METHOD = 32;

/** The entry as one line of JSON. Control characters are escaped, whoever sent them. */
export function formatAccessEntry(entry: AccessEntry): string {
  const { outcome } = entry;
  const line = JSON.stringify({
    time: new Date(entry.startedAtMs).toISOString(),
    requestId: entry.requestId,
    epoch: entry.epoch,
    version: entry.version,
    client: entry.client,
    method: entry.method.slice(0, MAX_METHOD),
    host: entry.host,
    path: entry.path.slice(0, MAX_PATH),
    backend: entry.backend,
    server: entry.server,
    status: entry.status,
    reason: entry.reason,
    outcome: outcome.kind,
    ...(outcome.kind === 'truncated' ? { cause: outcome.reason } : {}),
    receivedBytes: entry.receivedBytes,
    sentBytes: entry.sentBytes,
    durationMs: Math.round(entry.durationMs * 1_000) / 1_000,
    attempts: entry.attempts,
  });
  return `${escapeRest(line)}\n`;
}

const REST = /[\x7f-\x9f\u2028\u2029]/g;

/** Control characters that JSON lets stand: terminals act on some of them. */
function escapeRest(line: string): string {
  return line.replace(REST, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const PATH = /^(?:https?:\/\/[^/?#]*)?(\/[^?#]*)/i;

/** The path of a target for the log: queries and userinfo carry secrets. */
export function loggedPath(target: string): string {
  return target === '*' ? target : (PATH.exec(target)?.[1] ?? '');
}
