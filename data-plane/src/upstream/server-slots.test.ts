import { ServerSlots, verdict, type ServerSlot } from './server-slots.ts';

const named = (name: string, port = 80) => ({ key: `web/${name}:${port}`, backend: 'web', address: name, port });

describe('ServerSlots', () => {
  it('gives each server a slot of its own and the same one every time', () => {
    const slots = new ServerSlots();
    const first = slots.acquire(named('10.0.0.1'));
    const second = slots.acquire(named('10.0.0.2'));
    expect(second.slot).not.toBe(first.slot);
    expect(slots.acquire(named('10.0.0.1'))).toBe(first);
    expect(slots.get('web/10.0.0.2:80')).toBe(second);
    expect([...slots.values()]).toEqual([first, second]);
    expect(slots.size).toBe(2);
  });

  it('frees the slot of a retired server at once when nothing is in flight', () => {
    const slots = new ServerSlots();
    const server = slots.acquire(named('10.0.0.1'));
    slots.retire(server.key);
    expect(slots.get(server.key)).toBeUndefined();
    expect(slots.acquire(named('10.0.0.2')).slot).toBe(server.slot);
  });

  it('keeps the slot of a retired server until its last request has ended', () => {
    const slots = new ServerSlots();
    const server = slots.acquire(named('10.0.0.1'));
    slots.begin(server);
    slots.begin(server);
    slots.retire(server.key);
    slots.end(server);
    expect(slots.get(server.key)).toBe(server);
    expect(slots.acquire(named('10.0.0.2')).slot).not.toBe(server.slot);
    slots.end(server);
    expect(slots.get(server.key)).toBeUndefined();
  });

  it('says where requests are under way, at servers that have left or are disabled too', () => {
    const slots = new ServerSlots();
    const [first, second, third, idle] = [1, 2, 3, 4].map((last) => slots.acquire(named(`10.0.0.${last}`)));
    for (const server of [first!, second!, second!, third!, idle!]) slots.begin(server);
    slots.end(idle!);
    slots.retire(first!.key);
    slots.suspend(second!);
    expect([...slots.busy()]).toEqual([
      ['web/10.0.0.1:80', 1],
      ['web/10.0.0.2:80', 2],
      ['web/10.0.0.3:80', 1],
    ]);
  });

  it('says of a slot that another server has taken over whose it is now', () => {
    const slots = new ServerSlots();
    const server = slots.acquire(named('10.0.0.1'));
    slots.begin(server);
    slots.retire(server.key);
    slots.end(server);
    const next = slots.acquire(named('10.0.0.2'));
    slots.begin(next);
    expect(next.slot).toBe(server.slot);
    expect([...slots.busy()]).toEqual([['web/10.0.0.2:80', 1]]);
  });

  it('forgets what was known about a server before another one gets its slot', () => {
    const slots = new ServerSlots();
    const server = slots.acquire(named('10.0.0.1'));
    slots.verdicts[server.slot] = verdict.unhealthy;
    slots.dueWeights[server.slot] = 7;
    slots.rampStartedMs[server.slot] = 5;
    slots.retire(server.key);
    const next = slots.acquire(named('10.0.0.2'));
    expect(next.slot).toBe(server.slot);
    const { verdicts, dueWeights, rampStartedMs, inFlight } = slots;
    expect([verdicts, dueWeights, rampStartedMs, inFlight].map((known) => known[next.slot])).toEqual([0, 0, 0, 0]);
  });

  it('gives a server that comes back while it drains its old slot, and no longer frees it', () => {
    const slots = new ServerSlots();
    const server = slots.acquire(named('10.0.0.1'));
    slots.begin(server);
    slots.retire(server.key);
    expect(slots.isRetired(server)).toBe(true);
    expect(slots.acquire(named('10.0.0.1'))).toBe(server);
    expect(slots.isRetired(server)).toBe(false);
    slots.end(server);
    expect(slots.get(server.key)).toBe(server);
  });

  it('tells a server that has left from the one that took its slot over', () => {
    const slots = new ServerSlots();
    const left = slots.acquire(named('10.0.0.1'));
    slots.retire(left.key);
    const next = slots.acquire(named('10.0.0.2'));
    expect(next.slot).toBe(left.slot);
    expect(slots.isRetired(left)).toBe(true);
    expect(slots.isRetired(next)).toBe(false);
    expect(slots.current[left.slot]).toBe(next);
  });

  it('says when a slot is freed, once, until nobody listens any more', () => {
    const slots = new ServerSlots();
    const freed: ServerSlot[] = [];
    const stop = slots.onFreed((server) => freed.push(server));
    const [idle, busy] = [slots.acquire(named('10.0.0.1')), slots.acquire(named('10.0.0.2'))];
    slots.begin(busy);
    slots.retire(idle.key);
    slots.retire(busy.key);
    expect(freed).toEqual([idle]);
    slots.end(busy);
    expect(freed).toEqual([idle, busy]);
    stop();
    slots.retire(slots.acquire(named('10.0.0.3')).key);
    expect(freed).toHaveLength(2);
  });

  describe('with a disabled server', () => {
    const setUp = () => {
      const slots = new ServerSlots();
      const server = slots.acquire(named('10.0.0.1'));
      const freed: ServerSlot[] = [];
      slots.onFreed((done) => freed.push(done));
      return { slots, server, freed };
    };

    it('takes no new requests for it, and keeps its slot and what is known about it', () => {
      const { slots, server } = setUp();
      slots.verdicts[server.slot] = verdict.unhealthy;
      slots.suspend(server);
      expect([slots.isRetired(server), slots.current[server.slot]]).toEqual([true, undefined]);
      expect([slots.get(server.key), slots.verdicts[server.slot]]).toEqual([server, verdict.unhealthy]);
      expect(slots.acquire(named('10.0.0.2')).slot).not.toBe(server.slot);
      slots.resume(server);
      expect([slots.isRetired(server), slots.current[server.slot]]).toEqual([false, server]);
    });

    it('says when nothing of it is under way any more, each time', () => {
      const { slots, server, freed } = setUp();
      slots.begin(server);
      slots.begin(server);
      slots.suspend(server);
      slots.end(server);
      expect(freed).toEqual([]);
      slots.end(server);
      expect(freed).toEqual([server]);
      slots.resume(server);
      slots.begin(server);
      slots.end(server);
      expect(freed).toEqual([server]);
      slots.suspend(server);
      expect(freed).toEqual([server, server]);
    });

    it('frees its slot when it leaves', () => {
      const { slots, server, freed } = setUp();
      slots.begin(server);
      slots.suspend(server);
      slots.retire(server.key);
      slots.resume(server);
      expect(slots.isRetired(server)).toBe(true);
      slots.end(server);
      expect([slots.size, freed]).toEqual([0, [server]]);
      slots.suspend(server);
      expect(slots.acquire(named('10.0.0.2')).slot).toBe(server.slot);
    });

    it('is not disabled any more when it has left and comes back', () => {
      const { slots, server } = setUp();
      slots.begin(server);
      slots.suspend(server);
      slots.retire(server.key);
      slots.acquire(named('10.0.0.1'));
      expect(slots.isRetired(server)).toBe(false);
    });
  });

  it('keeps everything when it grows', () => {
    const slots = new ServerSlots();
    const servers = Array.from({ length: 500 }, (_, index) => slots.acquire(named('10.0.0.1', index + 1)));
    for (const server of servers) {
      slots.begin(server);
      slots.verdicts[server.slot] = server.port % 3;
      slots.rampStartedMs[server.slot] = server.port + 0.5;
      slots.dueRounds[server.slot] = server.port;
      slots.dueSteps[server.slot] = -server.port;
    }
    slots.acquire(named('10.0.0.2'));
    for (let index = 0; index < 1_000; index++) slots.acquire(named('10.0.0.3', index + 1));
    for (const server of servers) {
      expect(slots.inFlight[server.slot]).toBe(1);
      expect(slots.verdicts[server.slot]).toBe(server.port % 3);
      expect(slots.rampStartedMs[server.slot]).toBe(server.port + 0.5);
      expect(slots.dueRounds[server.slot]).toBe(server.port);
      expect(slots.dueSteps[server.slot]).toBe(-server.port);
    }
  });

  it('reuses slots, so that churn does not grow the arrays', () => {
    const slots = new ServerSlots();
    for (let index = 0; index < 10_000; index++) slots.retire(slots.acquire(named(`10.0.0.${index}`)).key);
    expect(slots.verdicts).toHaveLength(64);
    expect(slots.size).toBe(0);
  });

  it('knows nothing of a server that was never acquired', () => {
    const slots = new ServerSlots();
    slots.retire('web/10.0.0.9:80');
    expect(slots.get('web/10.0.0.9:80')).toBeUndefined();
    expect(slots.size).toBe(0);
  });
});
