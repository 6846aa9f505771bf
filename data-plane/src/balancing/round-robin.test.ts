import { inTurnCases } from './orders-in-turn.cases.ts';
import { contextWith, nameOf, PickerStage } from './picker-stage.cases.ts';

inTurnCases('round_robin', () => 1);

describe('round_robin', () => {
  it('ignores weights', () => {
    expect(new PickerStage('round_robin', { a: 1_000, b: 1 }).names(4)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('does not give a dead server’s turns to its successor alone', () => {
    const stage = new PickerStage('round_robin', { a: 1, b: 1, c: 1, d: 1 });
    stage.kill('b');
    expect(stage.counts(9)).toEqual({ a: 3, c: 3, d: 3 });
  });

  it('goes on behind a server that has left', () => {
    const stage = new PickerStage('round_robin', { a: 1, b: 1, c: 1 });
    expect(stage.names(2)).toEqual(['a', 'b']);
    stage.recompile({ a: 1, c: 1 });
    expect(stage.names(3)).toEqual(['c', 'a', 'c']);
  });

  it('follows the choices that requests of an older version still make', () => {
    const stage = new PickerStage('round_robin', { a: 1, b: 1, c: 1 });
    const older = stage.picker;
    stage.recompile({ a: 1, b: 1, c: 1 });
    expect(stage.name()).toBe('a');
    expect(nameOf(older.pick(contextWith()))).toBe('b');
    expect(stage.name()).toBe('c');
  });
});
