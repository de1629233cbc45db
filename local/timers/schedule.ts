/** When a timer is due. */
export interface Schedule {
  /** The first occurrence after `afterMs` (never `afterMs` itself), in milliseconds since 1970; undefined: never. */
  nextMs(afterMs: number): number | undefined;
  /** Whether it is due more than once a minute. The Functions host keeps no state for such a timer. */
  readonly isFrequent: boolean;
}
