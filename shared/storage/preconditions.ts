import { Problem } from '../problem.ts';

/**
 * Holds a call's If-Match against the thing at hand. Throws Problem stale-version when the header names another version
 * than the stored one (a thing that isn't there has none), and version-required when a thing that `required` says so for
 * exists and no header was sent.
 */
export function checkIfMatch(options: {
  /** What If-Match asks for; undefined without the header. */
  readonly ifMatch: number | undefined;
  /** The version that is stored; undefined when there is no such thing yet. */
  readonly version: number | undefined;
  /** Whether this kind of thing may only be changed by who names its version. */
  readonly required: boolean;
  /** What it is, for the refusal: `role clerk`. */
  readonly what: string;
}): void {
  const { ifMatch, version, required, what } = options;
  if (ifMatch === undefined) {
    if (!required || version === undefined) return;
    throw new Problem('if-match-needed', { what });
  }
  if (ifMatch === version) return;
  if (version === undefined) throw new Problem('if-match-of-nothing', { ifMatch, what });
  throw new Problem('if-match-stale', { ifMatch, what, version }, { extra: { version } });
}
