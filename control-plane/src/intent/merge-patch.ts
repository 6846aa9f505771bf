/**
 * Applies a JSON Merge Patch (RFC 7396): members of the patch replace those of the target, null removes them, objects
 * merge, and lists replace as a whole. Changes neither argument.
 *
 * Results are built from own properties only, so that a member called `__proto__` stays a member like any other, for the
 * schema to refuse. Recurses as deep as the patch: its depth must have been limited.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function isJsonObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
