import { CANCELLED, NODATA, NOTFOUND, TIMEOUT, type SrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { Clock } from '../clock.ts';
import { canonicalAddress } from '../model/address.ts';
import { formatDuration } from '../model/duration.ts';
import { errorCode } from '../error-code.ts';
import type { AddressRecord } from './address-record.ts';
import { DnsError } from './dns-error.ts';

export interface DnsQuestionsOptions {
  /** `address:port` of the resolvers to ask; none: those of the system. */
  readonly resolvers: readonly string[];
  /** Of one question, repetitions included. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A lost datagram is sent again once. */
const TRIES = 2;

/** The resolver waits twice as long the second time. */
const SHARE_OF_FIRST_TRY = 3;

const reasons: Readonly<Record<string, string>> = {
  [NOTFOUND]: 'the name does not exist',
  [NODATA]: 'the name has no such record',
  ESERVFAIL: 'the resolver could not find out (SERVFAIL)',
  EREFUSED: 'the resolver refuses to answer (REFUSED)',
  ECONNREFUSED: 'no resolver can be reached',
  EBADRESP: 'the answer is no DNS',
};

/**
 * Questions to resolvers, over UDP and, where an answer is too long for that, over TCP. To be made anew for each round:
 * one that is kept would go on with the resolvers that the system had when it was made. The hosts file and the search
 * list of the system are not looked at, and nothing is cached here.
 */
export class DnsQuestions {
  readonly #resolver: Resolver;
  readonly #options: DnsQuestionsOptions;
  #cancelled = false;

  constructor(options: DnsQuestionsOptions) {
    this.#options = options;
    this.#resolver = new Resolver({
      timeout: Math.max(1, Math.ceil(options.timeoutMs / SHARE_OF_FIRST_TRY)),
      tries: TRIES,
    });
    if (options.resolvers.length > 0) this.#resolver.setServers(options.resolvers);
  }

  /**
   * The addresses of a name, canonical, each once, in order, so that answers in another order are equal.
   * @throws DnsError
   */
  async addresses(name: string, record: AddressRecord): Promise<readonly string[]> {
    const families = record === 'address' ? (['A', 'AAAA'] as const) : [record];
    const answers = await Promise.all(families.map((family) => this.#family(name, family)));
    const addresses = answers.flatMap((answer) => (answer instanceof DnsError ? [] : answer));
    const absence = answers.find((answer) => answer instanceof DnsError);
    if (addresses.length === 0 && absence !== undefined) throw absence;
    return [...new Set(addresses.map((address) => canonicalAddress(address) ?? address))].sort();
  }

  /**
   * The SRV records of a name. A target of "" says that the service is decidedly not there (RFC 2782).
   * @throws DnsError
   */
  services(name: string): Promise<readonly SrvRecord[]> {
    return this.#ask(name, 'SRV', () => this.#resolver.resolveSrv(name));
  }

  /** Takes back whatever has not been answered, and whatever is asked from now on. */
  cancel(): void {
    this.#cancelled = true;
    this.#resolver.cancel();
  }

  /** That a name has none of one family is no failure yet. */
  async #family(name: string, family: 'A' | 'AAAA'): Promise<readonly string[] | DnsError> {
    try {
      return await this.#ask(name, family, () => this.#resolver[family === 'A' ? 'resolve4' : 'resolve6'](name));
    } catch (error) {
      if (error instanceof DnsError && error.kind === 'absent') return error;
      throw error;
    }
  }

  /** The resolver's own timeout is one of each try at each server; this is the one that was asked for. */
  async #ask<T>(name: string, record: string, ask: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const subject = `${record} of ${name}`;
    if (this.#cancelled) throw new DnsError({ kind: 'cancelled', subject, reason: 'taken back' });
    const timer: { cancel?: () => void } = {};
    const late = new Promise<never>((_, reject) => {
      timer.cancel = clock.after(timeoutMs, () => reject(this.#late(subject)));
    });
    try {
      return await Promise.race([ask(), late]);
    } catch (error) {
      throw error instanceof DnsError ? error : this.#errorOf(subject, error);
    } finally {
      timer.cancel?.();
    }
  }

  #late(subject: string): DnsError {
    return new DnsError({
      kind: 'timeout',
      subject,
      reason: `no answer within ${formatDuration(this.#options.timeoutMs)}`,
    });
  }

  #errorOf(subject: string, cause: unknown): DnsError {
    const code = errorCode(cause);
    if (code === TIMEOUT) return this.#late(subject);
    if (code === CANCELLED) return new DnsError({ kind: 'cancelled', subject, reason: 'taken back', cause });
    const kind = code === NOTFOUND || code === NODATA ? 'absent' : 'failed';
    return new DnsError({ kind, subject, reason: reasons[code] ?? `the look-up failed (${code})`, cause });
  }
}
