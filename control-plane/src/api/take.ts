/** The first items, and no more are drawn than needed. */
export function take<T>(items: Iterable<T>, most: number): readonly T[] {
  const taken: T[] = [];
  if (most <= 0) return taken;
  for (const item of items) if (taken.push(item) >= most) break;
  return taken;
}
