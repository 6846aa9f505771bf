import { verdict } from '../upstream/server-slots.ts';
import type { KnownVerdict, ServerHealth } from './health-table.ts';

const FORMAT = 1;
const MAX_KEY = 400;
const MAX_ERROR = 200;

/** What stands in the file. */
export interface VerdictDocument {
  /** Unix time in milliseconds. */
  readonly savedAtMs: number;
  /** By server key; unknown ones are not kept. */
  readonly verdicts: ReadonlyMap<string, KnownVerdict>;
}

/** The text of a document. */
export function writeVerdicts(servers: Iterable<ServerHealth>, savedAtMs: number): string {
  const known = [...servers].filter((health) => health.verdict !== verdict.unknown);
  const verdicts = known.map(({ server, verdict: found, sinceMs, lastError }) => {
    return [server.key, found === verdict.healthy ? 'healthy' : 'unhealthy', sinceMs, lastError];
  });
  return JSON.stringify({ format: FORMAT, savedAtMs, verdicts });
}

/** The document of a text; undefined when it is none. The text may be anything. */
export function readVerdicts(text: string): VerdictDocument | undefined {
  const document = parse(text);
  if (!isRecord(document) || document['format'] !== FORMAT) return undefined;
  const { savedAtMs, verdicts } = document;
  if (!isTime(savedAtMs) || !Array.isArray(verdicts)) return undefined;
  const entries = verdicts.map(readEntry);
  if (!entries.every((entry) => entry !== undefined)) return undefined;
  return { savedAtMs, verdicts: new Map(entries) };
}

function readEntry(entry: unknown): [string, KnownVerdict] | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [key, found, sinceMs, lastError] = entry as unknown[];
  if (!isText(key, MAX_KEY) || !isText(lastError, MAX_ERROR) || !isTime(sinceMs)) return undefined;
  if (found !== 'healthy' && found !== 'unhealthy') return undefined;
  return [key, { verdict: verdict[found], sinceMs, lastError }];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength && /^[\x20-\x7e]*$/.test(value);
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
