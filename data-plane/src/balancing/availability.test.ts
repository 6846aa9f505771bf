import { PickerStage } from './picker-stage.cases.ts';

describe('Availability', () => {
  it('says what keeps a request from a server, the gravest first', () => {
    const stage = new PickerStage('random', { a: 1, b: 1 }, { requestsPerServer: 1 });
    const a = stage.server('a');
    const reason = (tried = [] as (typeof a)[]) => stage.availability.reasonAgainst(a, tried);
    expect([reason(), reason([a])]).toEqual([undefined, 'tried']);
    stage.begin('a');
    expect(reason()).toBe('at_limit');
    stage.eject('a');
    expect(reason()).toBe('ejected');
    expect(stage.availability.reasonAgainst(a, [], true)).toBe('at_limit');
    stage.kill('a');
    expect(reason()).toBe('unhealthy');
    const { availability } = stage;
    stage.recompile({ b: 1 });
    expect(availability.reasonAgainst(a, [])).toBe('gone');
  });

  it('answers for one server as pickers do for all, failOpen taken into account', () => {
    for (const failOpen of [false, true]) {
      const stage = new PickerStage('random', { a: 1, b: 1 }, { failOpen, requestsPerServer: 1 });
      const usable = (name: string) => stage.availability.isAvailable(stage.server(name), []);
      stage.kill('a');
      expect([usable('a'), usable('b')]).toEqual([false, true]);
      stage.eject('b');
      expect([usable('a'), usable('b'), stage.availability.ignoresHealth()]).toEqual([failOpen, failOpen, failOpen]);
      stage.begin('b');
      expect([usable('a'), usable('b')]).toEqual([failOpen, false]);
    }
  });
});
