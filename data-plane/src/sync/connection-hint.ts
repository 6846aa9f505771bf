/** What a failed attempt to connect most likely means, for the log; empty when it could be anything. */
export function connectionHint(details: string, overTls: boolean): string {
  const hints = overTls ? tlsHints : plainTextHints;
  const hint = hints.find(([pattern]) => pattern.test(details));
  return hint === undefined ? '' : ` (${hint[1]})`;
}

type Hint = readonly [pattern: RegExp, text: string];

const tlsHints: readonly Hint[] = [
  [/wrong version number|packet length too long/i, 'the control plane does not seem to speak TLS there'],
  [
    /self.signed certificate|unable to (get|verify)/i,
    'HEADGATE_CONTROL_PLANE_CA must name the authority of the control plane',
  ],
  [/altnames/i, 'HEADGATE_CONTROL_PLANE_SERVER_NAME may say which name the certificate has'],
  [
    /certificate has expired|certificate is not yet valid/i,
    'look at the certificate of the control plane, and at the clock',
  ],
  [
    /alert|ECONNRESET|error: Failed to connect|Connection dropped|Socket closed/i,
    'the control plane may want another certificate than HEADGATE_CONTROL_PLANE_CERT, or any; its log says why',
  ],
];

const plainTextHints: readonly Hint[] = [
  [
    /ECONNRESET|error: Failed to connect|Connection dropped|EPROTO|Protocol error/i,
    'if the control plane speaks TLS, give HEADGATE_CONTROL_PLANE_CA or HEADGATE_CONTROL_PLANE_TLS=true',
  ],
];
