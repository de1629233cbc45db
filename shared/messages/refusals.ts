import type { ProblemSlug } from './problem-kinds.ts';

/** A part of the catalogue of refusals: by code, the kind of problem and what it says, with `{names}` for its params. */
export type Refusals = Readonly<Record<string, { readonly kind: ProblemSlug; readonly text: string }>>;
