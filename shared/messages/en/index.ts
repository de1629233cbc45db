import { HTTP } from './http.ts';

/** The catalogue of refusals in English, which has their codes and kinds. */
export const EN = { ...HTTP } as const;
