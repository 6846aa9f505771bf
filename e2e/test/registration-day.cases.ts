import { seededRandom } from '../src/harness/seeded-random.ts';
import { waitUntil } from '../src/harness/wait-until.ts';
import { RegistrationDay } from './registration-day/registration-day.ts';

export interface RegistrationDayOptions {
  readonly servers: number;
  readonly requestsPerSecond: number;
  /** What happens between the first and the last rolling deployment: single servers come, go and crash. */
  readonly events: number;
  /** Decides what happens to whom. */
  readonly seed: number;
  /** Whether the control plane is killed, too, and servers crash whose leases last a minute. */
  readonly thorough: boolean;
}

/** Servers come, beat, go, crash and are replaced under load. */
export function describeRegistrationDay(options: RegistrationDayOptions): void {
  const { servers, requestsPerSecond, events, seed, thorough } = options;
  describe(`a day of ${servers} servers that register themselves, under ${requestsPerSecond} requests in each second`, () => {
    let day: RegistrationDay;
    beforeAll(async () => {
      day = await RegistrationDay.start();
    }, 60_000);
    afterAll(() => day.close());

    it('loses no request but those that a crashed server had under way and that must not be repeated', async () => {
      const random = seededRandom(seed);
      const one = (among = day.servers) => among[Math.floor(random() * among.length)]!;
      const mortals = () => day.servers.filter(({ leaseMs }) => thorough || leaseMs < 60_000);
      const revisions = await countRevisions(day);
      for (let count = 0; count < servers; count++) await day.join();
      day.begin(requestsPerSecond);
      await day.more(requestsPerSecond / 4);
      await day.roll(day.servers.slice(0, servers / 2));
      for (let event = 0; event < events; event++) {
        const kind = kinds[event % kinds.length]!;
        if (kind === 'kill' && thorough) await restart(day);
        if (kind === 'leave') await day.leave(one());
        if (kind === 'join') await day.join();
        if (kind === 'crash') await day.crash(one(mortals()));
        if (kind === 'comeback') await comeBack(day, one(mortals()));
        await day.more(requestsPerSecond / 5);
      }
      await waitUntil('something is in flight', async () => (await day.inFlight()).fleet > 0);
      await day.roll(day.servers);
      await waitUntil('all are used', () => day.servers.every(({ answered }) => answered > 0));
      expect(await day.end()).toEqual([]);
      expect(day.excused).toBeGreaterThan(0);
      expect(await countRevisions(day)).toBe(revisions);
      console.log(
        `${day.answered} requests answered, ${day.excused} taken along by crashes; the slowest of those that joined ` +
          `was served everywhere after ${day.slowestJoinMs.toFixed(0)} ms`,
      );
    }, 1_200_000);

    it('ends with those registered that live, and with nothing in flight', async () => {
      const living = day.servers.map(({ endpoint }) => endpoint).sort();
      // A minute is what those have asked for that speak as article 004's, and what all have after a kill.
      await waitUntil('the dead are gone', async () => (await day.registered()).length <= living.length, 90_000);
      expect(await day.registered()).toEqual(living);
      await waitUntil('nothing is in flight', async () => {
        return Object.values(await day.inFlight()).every((count) => count === 0);
      });
    }, 120_000);
  });
}

const kinds = ['crash', 'join', 'leave', 'comeback', 'kill', 'join'] as const;

/** Its successor has the same address, and comes before its lease is over. */
async function comeBack(day: RegistrationDay, server: RegistrationDay['servers'][number]): Promise<void> {
  const { port, endpoint } = server;
  await day.crash(server);
  const successor = await day.join(port);
  await waitUntil(`${endpoint} is used again`, () => successor.answered > 0);
}

async function restart({ system }: RegistrationDay): Promise<void> {
  await system.controlPlane.stop('SIGKILL');
  await system.controlPlane.start();
}

async function countRevisions({ system }: RegistrationDay): Promise<number> {
  return (await system.api.request<{ items: readonly unknown[] }>('GET', '/api/v1/revisions')).body.items.length;
}
