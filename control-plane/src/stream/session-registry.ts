import type { DataPlaneSession } from './data-plane-session.ts';
import type { Arrival } from './read-hello.ts';
import type { Refusal } from './refusal.ts';
import type { StreamContext } from './stream-context.ts';

/** How long the holder of an id has to answer when another process claims it. */
const ANSWER_WITHIN_MS = 2_000;
/** How long a refused claim is shown; a process that goes on claiming comes back sooner than that. */
const SHOW_CLAIM_MS = 60_000;

/**
 * Sees to it that one id has one session.
 *
 * 1. A free id goes to whoever claims it.
 * 2. The process that holds the id already, on another stream, gets it at once: its old stream is dead, whether the
 *    network has noticed or not.
 * 3. For another process, the holder is asked by Ping. When it answers it keeps its place, the claim is refused and
 *    shown as a problem; when it is silent for two seconds it is replaced.
 * 4. While a holder is asked, further claims are refused: their processes come back.
 */
export class SessionRegistry {
  readonly #context: Pick<StreamContext, 'register' | 'clock' | 'logger'>;
  readonly #sessions = new Map<string, DataPlaneSession>();
  readonly #asked = new Set<string>();
  readonly #shown = new Map<string, () => void>();

  constructor(context: Pick<StreamContext, 'register' | 'clock' | 'logger'>) {
    this.#context = context;
  }

  /** Resolves with why the claim is refused, or undefined after `open` was called and its session registered. */
  async claim(arrival: Arrival, open: () => DataPlaneSession | undefined): Promise<Refusal | undefined> {
    const { id } = arrival.introduction;
    const refusal = await this.#contest(arrival);
    if (refusal !== undefined) return refusal;
    const session = open();
    if (session !== undefined) this.#sessions.set(id, session);
    return undefined;
  }

  /** A session has ended. */
  release(session: DataPlaneSession): void {
    if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
  }

  close(): void {
    for (const cancel of this.#shown.values()) cancel();
    this.#shown.clear();
  }

  async #contest(arrival: Arrival): Promise<Refusal | undefined> {
    const { id, processUuid } = arrival.introduction;
    const holder = this.#sessions.get(id);
    if (holder === undefined) return undefined;
    if (holder.processUuid === processUuid) {
      holder.end({ code: 'ABORTED', detail: 'the same process has opened a newer stream' });
      return undefined;
    }
    if (this.#asked.has(id)) return taken(id);
    return (await this.#ask(holder)) ? this.#refuse(arrival) : this.#replace(holder);
  }

  async #ask(holder: DataPlaneSession): Promise<boolean> {
    this.#asked.add(holder.id);
    const answered = await holder.probe(ANSWER_WITHIN_MS);
    this.#asked.delete(holder.id);
    return answered;
  }

  #refuse(arrival: Arrival): Refusal {
    const { id, processUuid } = arrival.introduction;
    const { register, clock, logger } = this.#context;
    const detail = `another process (${processUuid}) uses the id ${id} too and is refused; give each data plane its own`;
    register.troubled(id, { code: 'duplicate_id', detail });
    logger.warn({ dataPlane: id, processUuid }, 'a second process uses the id of a data plane and is refused');
    this.#shown.get(id)?.();
    this.#shown.set(
      id,
      clock.after(SHOW_CLAIM_MS, () => this.#forget(id)),
    );
    return taken(id);
  }

  #forget(id: string): void {
    this.#shown.delete(id);
    this.#context.register.solved(id, 'duplicate_id');
  }

  #replace(holder: DataPlaneSession): undefined {
    holder.end({ code: 'ABORTED', detail: 'another process with this id came, and this one did not answer for 2 s' });
    return undefined;
  }
}

function taken(id: string): Refusal {
  return { code: 'ALREADY_EXISTS', detail: `the id ${id} is in use by another process; give each data plane its own` };
}
