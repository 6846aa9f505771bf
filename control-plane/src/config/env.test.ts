import { processSources } from './env.ts';

describe('processSources', () => {
  it('are the arguments without node and script, the environment, and files', () => {
    const { argv, env, readFile } = processSources();
    expect(argv).toEqual(process.argv.slice(2));
    expect(env['PATH']).toBeDefined();
    expect(() => readFile('/no/such/file')).toThrow('ENOENT');
  });
});
