import { notYetAvailable } from './not-yet-available.ts';

/** GET /ui: the page. */
export const getUi = () => notYetAvailable('getUi', 'ui');
