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
    throw new Problem(
      'version-required',
      `Read ${what} first and send its ETag back as If-Match, so that nobody's change is overwritten unseen.`,
    );
  }
  if (ifMatch === version) return;
  throw new Problem(
    'stale-version',
    version === undefined
      ? `If-Match names version ${ifMatch}, but ${what} doesn't exist.`
      : `If-Match names version ${ifMatch}, but ${what} is at version ${version}. Read it again and decide anew.`,
    { extra: version === undefined ? {} : { version } },
  );
}
