/** Runs `work` over the items, at most `limit` at a time, and gives the results in order. The first failure ends it. */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** Groups items by a key, in order of first appearance; no group holds more than `most`. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string, most = Number.POSITIVE_INFINITY): T[][] {
  const open = new Map<string, T[]>();
  const groups: T[][] = [];
  for (const item of items) {
    const key = keyOf(item);
    let group = open.get(key);
    if (!group || group.length >= most) {
      group = [];
      open.set(key, group);
      groups.push(group);
    }
    group.push(item);
  }
  return groups;
}
