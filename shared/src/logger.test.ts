import { createLogger, type LogLevel } from './logger.ts';

function linesOf(level: LogLevel, write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger('test', level, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLogger', () => {
  it('writes one JSON object for each message, with its level as a word', () => {
    const [line] = linesOf('info', (logger) => logger.info({ version: 7 }, 'applied'));
    expect(line).toMatchObject({ name: 'test', level: 'info', version: 7, msg: 'applied' });
  });

  it('leaves out what is below its level', () => {
    expect(linesOf('warn', (logger) => logger.info('quiet'))).toEqual([]);
  });

  it('censors credentials at the top and one level below', () => {
    const secret = 'do-not-show-me';
    const lines = linesOf('info', (logger) => {
      logger.info({ token: secret, joinToken: secret, adminToken: secret, authorization: secret });
      logger.info({ headers: { authorization: secret }, settings: { joinToken: secret, adminToken: secret } });
    });
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(lines[1]).toMatchObject({ headers: { authorization: '[secret]' } });
  });
});
