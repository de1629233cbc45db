import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';

/** GET /health, without a token: 200 once the app serves and storage answers, else 503 by StorageUnavailable. */
export function health({ settings }: { readonly settings: SettingsStore }): Endpoint {
  return endpoint({
    name: 'health',
    summary: 'Tell whether the app serves and storage answers.',
    method: 'GET',
    route: 'health',
    roles: 'anyone',
    answers: { 200: z.strictObject({ status: z.literal('ok') }) },
    problems: [],
    async handle() {
      await settings.readSettings();
      return { status: 200, body: { status: 'ok' }, headers: { 'Cache-Control': 'no-store' } };
    },
  });
}
