import { parseHostsFile } from './hosts-file.ts';

describe('parseHostsFile', () => {
  it('gives the addresses of each name, canonical, each once', () => {
    const hosts = parseHostsFile(
      [
        '127.0.0.1\tlocalhost  # this machine',
        '# 10.0.0.9 web.internal',
        '10.0.0.1 web.internal Web',
        'FD00:0::1 web.internal',
        '10.0.0.1 web.internal',
        'nonsense web.internal',
        '10.0.0.3',
        '',
      ].join('\r\n'),
    );
    expect([...hosts]).toEqual([
      ['localhost', ['127.0.0.1']],
      ['web.internal', ['10.0.0.1', 'fd00::1']],
      ['web', ['10.0.0.1']],
    ]);
  });
});
