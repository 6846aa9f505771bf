import { verdict } from '../upstream/server-slots.ts';
import { pickerCases, PickerStage } from './picker.cases.ts';
import { createRoundRobin } from './round-robin.ts';

pickerCases('round_robin', createRoundRobin, () => 1);

describe('round_robin', () => {
  it('ignores weights', () => {
    expect(new PickerStage(createRoundRobin, { a: 1_000, b: 1 }).names(4)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('does not give a dead server’s turns to its successor alone', () => {
    const stage = new PickerStage(createRoundRobin, { a: 1, b: 1, c: 1, d: 1 });
    stage.judge('b', verdict.unhealthy);
    expect(stage.counts(9)).toEqual({ a: 3, c: 3, d: 3 });
  });

  it('goes on behind a server that has left', () => {
    const stage = new PickerStage(createRoundRobin, { a: 1, b: 1, c: 1 });
    expect(stage.names(2)).toEqual(['a', 'b']);
    stage.recompile({ a: 1, c: 1 });
    expect(stage.names(3)).toEqual(['c', 'a', 'c']);
  });

  it('follows the choices that a request of an older version still makes', () => {
    const stage = new PickerStage(createRoundRobin, { a: 1, b: 1, c: 1 });
    const older = stage.picker;
    stage.recompile({ a: 1, b: 1, c: 1 });
    expect(stage.name()).toBe('a');
    const retried = older.pick({ ...emptyContext, tried: [stage.server('a')] });
    expect(retried).toEqual({ kind: 'server', server: stage.server('b') });
    expect(stage.name()).toBe('c');
  });
});

const emptyContext = {
  clientAddress: '192.0.2.1',
  authority: '',
  path: '/',
  header: () => undefined,
  cookie: () => undefined,
};
