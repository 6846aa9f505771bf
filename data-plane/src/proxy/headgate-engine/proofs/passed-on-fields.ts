/** Written anew by the proxy, or meant for one hop alone: not compared. */
const ownFields = new Set([
  ...['host', 'connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te'],
  ...['transfer-encoding', 'content-length', 'upgrade', 'trailer', 'expect', 'http2-settings'],
  ...['forwarded', 'x-real-ip', 'x-request-id', 'headgate-version'],
]);

/** What Connection cannot take away. */
const kept = new Set(['via', 'date']);

/** Fields that a proxy has to pass on as they are, each as `name: value`, in order. Independent of what the proxy does. */
export function passedOnFields(rawHeaders: readonly string[]): readonly string[] {
  const named = namedByConnection(rawHeaders);
  const out: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const lowerCase = name.toLowerCase();
    if (!isOwn(lowerCase) && (kept.has(lowerCase) || !named.has(lowerCase)))
      out.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return out;
}

/** Names with `_` are taken for those with `-` by many servers. */
function isOwn(name: string): boolean {
  const usual = name.replaceAll('_', '-');
  return ownFields.has(usual) || usual.startsWith('x-forwarded-');
}

function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === 'connection',
  );
  return new Set(
    values.flatMap((value) => value.split(',')).map((name) => name.replace(/^[\t ]+|[\t ]+$/g, '').toLowerCase()),
  );
}
