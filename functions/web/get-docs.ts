import { notYetAvailable } from './not-yet-available.ts';

/** GET /docs: the description of the API, to read. */
export const getDocs = () => notYetAvailable('getDocs', 'docs');
