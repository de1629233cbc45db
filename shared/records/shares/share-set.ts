/**
 * The shares of one record: the pure part.
 *
 *  RIGHTS-1  What a principal was given directly and what came from another record are kept apart, the latter by record.
 *  RIGHTS-2  Granting adds rights and takes none away; revoking a source takes away what came from it and nothing else.
 *  RIGHTS-3  A principal without any right isn't in the set, nor is a source that gives none.
 */

/** What one principal was given. */
export interface Share {
  /** Mask of the rights given on this very record; 0 for none. */
  readonly direct: number;
  /** Masks of the rights that came down from other records, by the id of the record that was shared. */
  readonly inherited: ReadonlyMap<string, number>;
}

/** By the principal's user id. */
export type ShareSet = ReadonlyMap<string, Share>;

/** Nobody's shares. */
export const NO_SHARES: ShareSet = new Map();

const NOTHING: Share = { direct: 0, inherited: new Map() };

/** Where rights on a record come from: given on it, or inherited from the record with the id. */
export type ShareSource = { readonly kind: 'direct' } | { readonly kind: 'inherited'; readonly from: string };

/** Given on the record itself. */
export const DIRECT: ShareSource = { kind: 'direct' };

/** The rights of a principal from one source; 0 for none. */
export function maskFrom(set: ShareSet, principal: string, source: ShareSource): number {
  const share = set.get(principal) ?? NOTHING;
  return source.kind === 'direct' ? share.direct : (share.inherited.get(source.from) ?? 0);
}

/** The rights of a principal from all sources together. */
export function effectiveMask(set: ShareSet, principal: string): number {
  const { direct, inherited } = set.get(principal) ?? NOTHING;
  return [...inherited.values()].reduce((mask, each) => mask | each, direct);
}

/** The set in which a principal has exactly these rights from the source; the very same set when nothing differs. */
export function withMask(set: ShareSet, principal: string, source: ShareSource, mask: number): ShareSet {
  if (maskFrom(set, principal, source) === mask) return set;
  const { direct, inherited } = set.get(principal) ?? NOTHING;
  const changed = new Map(set);
  if (source.kind === 'direct') put(changed, principal, { direct: mask, inherited });
  else {
    const sources = new Map(inherited);
    if (mask === 0) sources.delete(source.from);
    else sources.set(source.from, mask);
    put(changed, principal, { direct, inherited: sources });
  }
  return changed;
}

/** Adds rights from a source. */
export function grant(set: ShareSet, principal: string, source: ShareSource, mask: number): ShareSet {
  return withMask(set, principal, source, maskFrom(set, principal, source) | mask);
}

/** Takes away what a principal has from a source. */
export function revoke(set: ShareSet, principal: string, source: ShareSource): ShareSet {
  return withMask(set, principal, source, 0);
}

/** What was given on the record itself. */
export function directOnly(set: ShareSet): ShareSet {
  let direct = NO_SHARES;
  for (const [principal, share] of set) direct = grant(direct, principal, DIRECT, share.direct);
  return direct;
}

/** Whether anything in the set came down from another record. */
export function inheritsAny(set: ShareSet): boolean {
  return [...set.values()].some(({ inherited }) => inherited.size > 0);
}

/** What a record with these shares hands down to those that belong to it: its own direct rights have it as their source. */
export function handedDown(set: ShareSet, recordId: string): ShareSet {
  let down = NO_SHARES;
  for (const [principal, { direct, inherited }] of set) {
    down = grant(down, principal, { kind: 'inherited', from: recordId }, direct);
    for (const [from, mask] of inherited) down = grant(down, principal, { kind: 'inherited', from }, mask);
  }
  return down;
}

/** The sources from which a principal has rights in one of the sets. */
export function sourcesOf(principal: string, ...sets: readonly ShareSet[]): ShareSource[] {
  const shares = sets.flatMap((set) => set.get(principal) ?? []);
  const from = new Set(shares.flatMap(({ inherited }) => [...inherited.keys()]));
  const direct = shares.some((share) => share.direct !== 0) ? [DIRECT] : [];
  return [...direct, ...[...from].map((id): ShareSource => ({ kind: 'inherited', from: id }))];
}

/** All that either set gives: of the same principal and source, both masks together. */
export function unionOf(a: ShareSet, b: ShareSet): ShareSet {
  let union = a;
  for (const [principal, { direct, inherited }] of b) {
    union = grant(union, principal, DIRECT, direct);
    for (const [from, mask] of inherited) union = grant(union, principal, { kind: 'inherited', from }, mask);
  }
  return union;
}

function put(set: Map<string, Share>, principal: string, share: Share): void {
  if (share.direct === 0 && share.inherited.size === 0) set.delete(principal);
  else set.set(principal, share);
}
