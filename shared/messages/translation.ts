import type { EN } from './en/index.ts';
import type { ProblemSlug } from './problem-kinds.ts';

/** The catalogue in another language: each title, and each text with the same names in it. */
export interface Translation {
  readonly titles: Readonly<Record<ProblemSlug, string>>;
  readonly texts: Readonly<Record<keyof typeof EN, string>>;
}
