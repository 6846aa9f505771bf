/** Says how two values differ; undefined when they do not. */
export function differs(what: string, sent: unknown, seen: unknown): string | undefined {
  const [one, other] = [JSON.stringify(sent), JSON.stringify(seen)];
  return one === other ? undefined : `${what}: ${one} was sent, ${other} was seen`;
}
