import type { FleetOccurrence } from './fleet-occurrence.ts';
import type { FleetRegister } from './fleet-register.ts';
import { fleetLimitDefaults, type FleetLimits } from './fleet-limits.ts';

/** What a data plane has in flight at a server. */
export interface ReportedLoad {
  /** `backend/address:port` */
  readonly server: string;
  /** Requests and tunnels; 0: none any more. */
  readonly inFlight: number;
}

/** A report about load: a change of the set, or the whole of it. */
export interface LoadUpdate {
  readonly full: boolean;
  readonly loads: readonly ReportedLoad[];
}

export interface FleetLoadOptions {
  readonly register: Pick<FleetRegister, 'member' | 'onOccurrence' | 'troubled' | 'solved'>;
  readonly limits?: Partial<Pick<FleetLimits, 'loads' | 'totalLoads'>>;
}

/** Code of the problem of a data plane whose numbers are not all kept. */
const TOO_MANY = 'too_many_loads';

/** A server at which somebody has something in flight, for all data planes that do. */
interface ServerLoad {
  readonly key: string;
  inFlight: number;
}

/** What one data plane has in flight, by server. */
type MemberLoad = Map<ServerLoad, number>;

/**
 * What the fleet has in flight at servers, summed up.
 *
 * 1. A data plane counts while it is connected: what it said goes with its stream, and the next one begins with a full
 *    set. One that does not report counts for nothing.
 * 2. Only numbers other than zero are kept, so that memory follows what is reported, and a report costs what it says.
 * 3. Whether a server is configured is not asked: requests go on at one that was removed, and a data plane may be ahead
 *    of what is known here. What a data plane makes up is bounded by the limits and gone with its stream.
 */
export class FleetLoad {
  readonly #register: FleetLoadOptions['register'];
  readonly #limits: Pick<FleetLimits, 'loads' | 'totalLoads'>;
  readonly #servers = new Map<string, ServerLoad>();
  readonly #members = new Map<string, MemberLoad>();
  /** Data planes whose numbers are not all kept. */
  readonly #curtailed = new Set<string>();
  readonly #stop: () => void;
  /** Numbers of all data planes. */
  #kept = 0;
  #total = 0;

  constructor({ register, limits }: FleetLoadOptions) {
    this.#register = register;
    this.#limits = { ...fleetLimitDefaults, ...limits };
    this.#stop = register.onOccurrence((occurrence) => this.#witness(occurrence));
  }

  /** Requests and tunnels in flight at a server, `backend/address:port`, over all connected data planes. */
  inFlight(server: string): number {
    return this.#servers.get(server)?.inFlight ?? 0;
  }

  /** At all servers, those that are configured no more included. */
  get total(): number {
    return this.#total;
  }

  /** Servers at which anything is in flight. */
  get size(): number {
    return this.#servers.size;
  }

  /** What a data plane says. One that is not connected is not listened to. */
  report(id: string, { full, loads }: LoadUpdate): void {
    if (this.#register.member(id)?.connected !== true) return;
    if (full) this.#begin(id);
    const member = this.#members.get(id) ?? new Map<ServerLoad, number>();
    const before = member.size;
    const most = Math.min(this.#limits.loads, before + this.#limits.totalLoads - this.#kept);
    let fitted = true;
    for (const load of loads) fitted = this.#set(member, load, most) && fitted;
    this.#kept += member.size - before;
    if (member.size > 0) this.#members.set(id, member);
    else this.#members.delete(id);
    if (!fitted) this.#complain(id, most);
  }

  close(): void {
    this.#stop();
    this.#members.clear();
    this.#servers.clear();
    this.#curtailed.clear();
    this.#kept = this.#total = 0;
  }

  #witness({ kind, id }: FleetOccurrence): void {
    if (kind === 'joined' || kind === 'left') this.#drop(id);
  }

  /** A full set: what was said before it is void, and so is the complaint about that. */
  #begin(id: string): void {
    this.#drop(id);
    this.#register.solved(id, TOO_MANY);
  }

  #drop(id: string): void {
    this.#curtailed.delete(id);
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#members.delete(id);
    this.#kept -= member.size;
    for (const [server, inFlight] of member) this.#add(server, -inFlight);
  }

  /** False when there is no room for it. */
  #set(member: MemberLoad, { server: key, inFlight }: ReportedLoad, most: number): boolean {
    const known = this.#servers.get(key);
    const before = known === undefined ? 0 : (member.get(known) ?? 0);
    if (inFlight === before) return true;
    if (before === 0 && member.size >= most) return false;
    const server = known ?? this.#enter(key);
    if (inFlight === 0) member.delete(server);
    else member.set(server, inFlight);
    this.#add(server, inFlight - before);
    return true;
  }

  #enter(key: string): ServerLoad {
    const server = { key, inFlight: 0 };
    this.#servers.set(key, server);
    return server;
  }

  /** Whoever has something in flight there adds more than zero: at zero nobody refers to it. */
  #add(server: ServerLoad, by: number): void {
    server.inFlight += by;
    this.#total += by;
    if (server.inFlight === 0) this.#servers.delete(server.key);
  }

  /** Once for each set: it holds until the next full one. */
  #complain(id: string, most: number): void {
    if (this.#curtailed.has(id)) return;
    this.#curtailed.add(id);
    const detail = `requests in flight are reported for more than ${most} servers; the others are not counted`;
    this.#register.troubled(id, { code: TOO_MANY, detail });
  }
}
