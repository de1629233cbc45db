import { CASCADES } from './cascades.ts';
import { CUSTOMERS } from './customers.ts';
import { HTTP } from './http.ts';
import { RECORDS } from './records.ts';
import { SECURITY } from './security.ts';

/** The catalogue of refusals in English, which has their codes and kinds. */
export const EN = { ...HTTP, ...SECURITY, ...RECORDS, ...CASCADES, ...CUSTOMERS } as const;
