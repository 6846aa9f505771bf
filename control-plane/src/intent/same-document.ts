/** Whether two JSON values say the same. The order of an object's keys has no meaning, that of a list has. */
export function sameDocument(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameList(a, b);
  return sameObject(a, b);
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => sameDocument(item, b[index]));
}

/** A member that is undefined is absent, as JSON has it. */
function sameObject(a: object, b: object): boolean {
  const left = presentMembers(a);
  if (left.length !== presentMembers(b).length) return false;
  return left.every(
    ([key, value]) => Object.hasOwn(b, key) && sameDocument(value, (b as Record<string, unknown>)[key]),
  );
}

function presentMembers(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}
