import { connectionHint } from './connection-hint.ts';

const LAST = 'No connection established. Last error: ';

describe('the hint beside a failed attempt to connect', () => {
  it.each([
    ['SSL routines:tls_validate_record_header:wrong version number', 'does not seem to speak TLS'],
    ['unable to get local issuer certificate', 'HEADGATE_CONTROL_PLANE_CA'],
    ['self-signed certificate in certificate chain', 'HEADGATE_CONTROL_PLANE_CA'],
    ["Hostname/IP does not match certificate's altnames: …", 'HEADGATE_CONTROL_PLANE_SERVER_NAME'],
    ['certificate has expired', 'clock'],
    ['Failed to connect (2026-01-01T00:00:00.000Z)', 'HEADGATE_CONTROL_PLANE_CERT'],
  ])('over TLS after "%s" names what to look at', (error, hint) => {
    expect(connectionHint(LAST + error, true)).toContain(hint);
  });

  it('in plain text names TLS when the connection was made and dropped', () => {
    expect(connectionHint(`${LAST}Failed to connect (2026-01-01T00:00:00.000Z)`, false)).toContain('TLS=true');
  });

  it.each([true, false])('is silent when nobody listens (TLS: %s)', (overTls) => {
    expect(connectionHint(`${LAST}connect ECONNREFUSED 127.0.0.1:9002 (2026-01-01T00:00:00.000Z)`, overTls)).toBe('');
    expect(connectionHint('Name resolution failed for target dns:nowhere.example', overTls)).toBe('');
  });
});
