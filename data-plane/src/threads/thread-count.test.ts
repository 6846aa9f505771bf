import { availableParallelism } from 'node:os';
import { createLogger } from '@headgate/shared/logger';
import { threadCountType } from '../config/thread-count-type.ts';
import { threadCount } from './thread-count.ts';

describe('the number of threads', () => {
  const lines: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  beforeEach(() => void (lines.length = 0));

  it('is what was asked for where threads can share a port', async () => {
    expect(await threadCount(3, logger)).toBe(3);
    expect(lines).toEqual([]);
  });

  it('is that of the processors with auto', async () => {
    expect(await threadCount('auto', logger, () => Promise.resolve(true))).toBe(Math.min(64, availableParallelism()));
  });

  it('is one where they cannot, which the log says', async () => {
    expect(await threadCount(4, logger, () => Promise.resolve(false))).toBe(1);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', asked: 4, threads: 1 });
  });

  it('asks nobody for one', async () => {
    expect(await threadCount(1, logger, () => Promise.reject(new Error('asked')))).toBe(1);
  });

  it('is read as 1 to 64, or auto', () => {
    const read = (text: string) => {
      const parsed = threadCountType.parse(text);
      return parsed.ok ? parsed.value : parsed.problem;
    };
    expect(['1', '64', 'auto'].map(read)).toEqual([1, 64, 'auto']);
    const problem = 'is not a whole number from 1 to 64';
    expect(['0', '65', '-1', '2.5', 'AUTO', ''].map(read)).toEqual(Array.from({ length: 6 }, () => problem));
  });
});
