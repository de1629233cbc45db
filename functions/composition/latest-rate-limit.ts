import type { RateLimit } from '../../shared/http/rate-limiter.ts';
import { defaultSettings, type SettingsStore } from '../../shared/settings/settings.ts';

/** A setting that is so old is read again, beside the request at hand. */
const MAX_AGE_MS = 5_000;

/** Gives the setting `rateLimit` as it was read last, so that no request waits for it. */
export function createLatestRateLimit(
  settings: Pick<SettingsStore, 'readSettings'>,
  now: () => number,
): () => RateLimit {
  let { rateLimit } = defaultSettings({ timersEnabled: false, disabledPlugins: [] });
  let readAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - readAtMs > MAX_AGE_MS) {
      readAtMs = now();
      settings.readSettings().then(
        (current) => {
          rateLimit = current.settings.rateLimit;
        },
        // Storage is away, which the request itself will tell; what was read before goes on holding.
        () => undefined,
      );
    }
    return rateLimit;
  };
}
