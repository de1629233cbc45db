/** How a layer of the host is taken down again. */
export type TakeDown = () => Promise<void> | void;

/**
 * Takes layers down, the last first. One that fails doesn't keep the others up.
 *
 * @throws what failed first.
 */
export async function takeDown(layers: readonly TakeDown[]): Promise<void> {
  const failures: unknown[] = [];
  for (const layer of [...layers].reverse()) {
    try {
      await layer();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
