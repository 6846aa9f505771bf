import { compileAddressPolicy } from './address-policy.ts';
import { refusedServer } from './refused-server.ts';

describe('refusedServer', () => {
  const policy = compileAddressPolicy({
    own: [{ address: '127.0.0.1', port: 9001 }],
    localAddresses: [],
    allow: [],
    allowSetting: 'HEADGATE_ALLOWED_NETWORKS',
  });
  const codeOf = (address: string, port = 80): string | undefined => refusedServer({ address, port }, policy)?.code;

  it('looks at addresses', () => {
    expect(codeOf('169.254.169.254')).toBe('metadata_address');
    expect(codeOf('10.0.0.1')).toBeUndefined();
  });

  it('looks at what names of this machine mean', () => {
    expect(codeOf('localhost', 9001)).toBe('own_address');
    expect(codeOf('api.localhost', 9001)).toBe('own_address');
    expect(codeOf('localhost')).toBeUndefined();
  });

  it('leaves other names to those who look them up', () => {
    expect(codeOf('metadata.internal')).toBeUndefined();
  });
});
