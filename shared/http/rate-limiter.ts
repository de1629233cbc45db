/** How many requests a caller may send. */
export interface RateLimit {
  /** In the long run; 0: as many as it likes. */
  readonly perSecond: number;
  /** At once, after a rest. */
  readonly burst: number;
}

/** Limits what each caller of a process may ask for. */
export interface RateLimiter {
  /** Takes a token of the caller's bucket: 0, or the seconds until there is one again. */
  take(caller: string): number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Buckets that are kept; beyond that those that are full again are forgotten. */
const MAX_BUCKETS = 10_000;

/** A token bucket for each caller, of this process alone: with several hosts a caller has as many. `limitOf` is asked each time. */
export function createRateLimiter(limitOf: () => RateLimit, now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(caller) {
      const { perSecond, burst } = limitOf();
      if (perSecond === 0) return 0;
      const nowMs = now();
      const tokensAt = ({ tokens, filledAtMs }: Bucket) =>
        Math.min(burst, tokens + (Math.max(0, nowMs - filledAtMs) / 1000) * perSecond);
      if (buckets.size >= MAX_BUCKETS && !buckets.has(caller)) {
        for (const [name, bucket] of buckets) if (tokensAt(bucket) >= burst) buckets.delete(name);
      }
      const tokens = tokensAt(buckets.get(caller) ?? { tokens: burst, filledAtMs: nowMs });
      const isFree = tokens >= 1;
      buckets.set(caller, { tokens: isFree ? tokens - 1 : tokens, filledAtMs: nowMs });
      return isFree ? 0 : Math.ceil((1 - tokens) / perSecond);
    },
  };
}
