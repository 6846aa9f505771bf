import { LatestValue } from './latest-value.ts';

describe('LatestValue', () => {
  it('tells a subscriber the current value, then each new one', () => {
    const value = new LatestValue(1);
    const heard: number[] = [];
    value.subscribe((current) => heard.push(current));
    value.set(2);
    value.set(3);
    expect(heard).toEqual([1, 2, 3]);
    expect(value.value).toBe(3);
  });

  it('takes an equal value for no change, by whatever equality it was given', () => {
    const value = new LatestValue({ version: 1 }, (a, b) => a.version === b.version);
    const first = value.value;
    const heard: number[] = [];
    value.subscribe(({ version }) => heard.push(version));
    value.set({ version: 1 });
    expect(heard).toEqual([1]);
    expect(value.value).toBe(first);
  });

  it('takes NaN for equal to NaN', () => {
    const value = new LatestValue(NaN);
    let calls = 0;
    value.subscribe(() => calls++);
    value.set(NaN);
    expect(calls).toBe(1);
  });

  it('calls its listeners in the order of their subscription', () => {
    const value = new LatestValue(0);
    const heard: string[] = [];
    for (const name of ['a', 'b', 'c']) value.subscribe((current) => heard.push(`${name}${current}`));
    heard.length = 0;
    value.set(1);
    expect(heard).toEqual(['a1', 'b1', 'c1']);
  });

  it('keeps two subscriptions of one function apart', () => {
    const value = new LatestValue(0);
    const heard: number[] = [];
    const listener = (current: number) => void heard.push(current);
    const stop = value.subscribe(listener);
    value.subscribe(listener);
    stop();
    value.set(1);
    expect(heard).toEqual([0, 0, 1]);
  });

  it('calls nobody who has stopped, not even in the round that is under way', () => {
    const value = new LatestValue(0);
    const heard: number[] = [];
    let stop: () => void = () => undefined;
    value.subscribe(() => stop());
    stop = value.subscribe((current) => heard.push(current));
    value.set(1);
    value.set(2);
    expect(heard).toEqual([0]);
  });

  it('never tells an older value after a newer one, when a listener sets a value', () => {
    const value = new LatestValue(0);
    value.subscribe((current) => {
      if (current === 1) value.set(2);
    });
    const heard: number[] = [];
    value.subscribe((current) => heard.push(current));
    value.set(1);
    expect(heard).toEqual([0, 2]);
  });
});
