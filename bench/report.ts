/** A measurement and the floor that it is held against, both of the same run. */
export interface Round {
  readonly floorMs: number;
  readonly ms: number;
}

/** Prints the rounds of a case with their ratios (floor / measured: 1 is as fast as the floor) and gives the median. */
export function reportRatio(name: string, rounds: readonly Round[], wanted: number): boolean {
  const ratios = rounds.map(({ floorMs, ms }) => floorMs / ms).sort((a, b) => a - b);
  const median = ratios[Math.floor(ratios.length / 2)] ?? 0;
  for (const { floorMs, ms } of rounds) console.log(`  ${name}: ${ms.toFixed(0)} ms, floor ${floorMs.toFixed(0)} ms`);
  console.log(`${name}: ${median.toFixed(2)} of the floor (wanted: at least ${wanted.toFixed(2)})`);
  return median >= wanted;
}

/** Prints a time for each of many things. */
export function reportTime(name: string, ms: number, wantedMs: number): boolean {
  console.log(`${name}: ${ms.toFixed(2)} ms (wanted: at most ${wantedMs.toFixed(2)})`);
  return ms <= wantedMs;
}
