import { z } from 'zod';

const LIMIT_MESSAGE = 'is not a page size — use a whole number from 1 to 1000';

/** Query of operations that list something. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, LIMIT_MESSAGE)
    .default('100')
    .transform(Number)
    .meta({ description: 'Items of a page, 1 to 1000.' }),
  after: z
    .string()
    .max(1_000, 'is too long — use the next of the page before')
    .optional()
    .meta({ description: 'The next of the page before.' }),
});

/** Schema of a page of items. */
export function pageSchema(id: string, item: z.ZodType): z.ZodType {
  return z
    .object({
      items: z.array(item),
      next: z.string().optional().meta({ description: 'What to send as after for the next page; absent on the last.' }),
    })
    .meta({ id });
}

export interface Page<T> {
  readonly items: readonly T[];
  /** `after` of the next page; absent on the last. */
  readonly next?: string;
}

export interface PageRequest {
  readonly limit: number;
  /** The last name of the page before. */
  readonly after?: string | undefined;
}

/** One page of a list of names that are sorted by UTF-16 unit, each made an item by `itemOf`. */
export function pageOf<T>(
  names: readonly string[],
  { limit, after }: PageRequest,
  itemOf: (name: string) => T,
): Page<T> {
  const from = after === undefined ? 0 : firstBeyond(names, after);
  const shown = names.slice(from, from + limit);
  const last = shown.at(-1);
  const items = shown.map(itemOf);
  return last === undefined || from + limit >= names.length ? { items } : { items, next: last };
}

/** An immutable map. */
interface Named {
  keys(): Iterable<string>;
}

const sorted = new WeakMap<Named, readonly string[]>();

/** The names of a map in order, sorted once for each map: paging through a large one asks for them again and again. */
export function sortedNames(map: Named): readonly string[] {
  const known = sorted.get(map);
  if (known !== undefined) return known;
  const names = [...map.keys()].sort();
  sorted.set(map, names);
  return names;
}

/** Index of the first name that comes after `name`, which need not be there any more. */
function firstBeyond(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]! <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}
