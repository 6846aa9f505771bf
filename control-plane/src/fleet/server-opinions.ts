import type { FleetHealth } from './fleet-health.ts';
import type { FleetRegister, MemberView } from './fleet-register.ts';
import type { Verdict } from './fleet-state.ts';

/** What one data plane says of a server. */
export interface ServerOpinion {
  readonly dataPlane: string;
  /** unknown: it has no say, or nothing finds out how the server does. */
  readonly verdict: Verdict;
  /** Unix time in milliseconds; undefined when that is not known, because it was healthy all the time. */
  readonly since: number | undefined;
  /** Why the last probe failed, or requests have; "" when none has, or when it is healthy. */
  readonly lastError: string;
  readonly flapping: boolean;
  /** Unix time in milliseconds since which it says nothing any more; undefined while it is connected. */
  readonly staleSince: number | undefined;
}

/** What all of them say, counted, and what some of them say. */
export interface ServerOpinions {
  /** Of those that are connected. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Those who are connected first, and among them those who say that the server is not healthy. */
  readonly shown: readonly ServerOpinion[];
  /** How many are not shown. */
  readonly more: number;
}

export interface OpinionSources {
  readonly register: Pick<FleetRegister, 'members'>;
  readonly health: Pick<FleetHealth, 'isHeard' | 'isFlapping' | 'lastChange'>;
}

export interface AskedServer {
  /** `backend/address:port` */
  readonly server: string;
  /** Whether anything finds out how it does. */
  readonly checked: boolean;
  /** How many opinions are shown at most. */
  readonly most: number;
}

/** What every known data plane says of a server. Costs a look at each of them. */
export function opinionsAbout(asked: AskedServer, sources: OpinionSources): ServerOpinions {
  const verdicts = { healthy: 0, unhealthy: 0, ejected: 0, unknown: 0 };
  const ranks: ServerOpinion[][] = [[], [], [], []];
  let known = 0;
  for (const [id, member] of sources.register.members()) {
    const opinion = opinionOf(id, { asked, member, sources });
    if (member.connected) verdicts[opinion.verdict]++;
    const rank = ranks[rankOf(opinion)]!;
    if (rank.length < asked.most) rank.push(opinion);
    known++;
  }
  const shown = ranks.flat().slice(0, asked.most);
  return { verdicts, shown, more: known - shown.length };
}

interface Speaking {
  readonly asked: AskedServer;
  readonly member: MemberView;
  readonly sources: OpinionSources;
}

function opinionOf(id: string, { asked: { server, checked }, member, sources: { health } }: Speaking): ServerOpinion {
  const deviation = member.deviation(server);
  const silence = checked && health.isHeard(id) ? 'healthy' : 'unknown';
  return {
    dataPlane: id,
    verdict: deviation?.verdict ?? silence,
    since: deviation?.sinceMs ?? health.lastChange(id, server),
    lastError: deviation?.lastError ?? '',
    flapping: health.isFlapping(id, server),
    staleSince: member.goneSince,
  };
}

/** Whose opinion is shown first. */
function rankOf({ verdict, flapping, staleSince }: ServerOpinion): 0 | 1 | 2 | 3 {
  const isSaid = verdict === 'unhealthy' || verdict === 'ejected' || flapping;
  if (staleSince === undefined) return isSaid ? 0 : 1;
  return isSaid ? 2 : 3;
}
