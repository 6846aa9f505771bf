/** The object's own field; undefined when there is none, or no object. */
export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** The list in the object's own field; empty when there is none. */
export function itemsOf(value: unknown, key: string): readonly unknown[] {
  const items = fieldOf(value, key);
  return Array.isArray(items) ? (items as readonly unknown[]) : [];
}
