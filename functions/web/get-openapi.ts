import { notYetAvailable } from './not-yet-available.ts';

/** GET /openapi.json: the description of the API. */
export const getOpenapi = () => notYetAvailable('getOpenapi', 'openapi.json');
