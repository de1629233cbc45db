import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { describeApi, type OpenApiDocument } from '../../shared/http/openapi/document.ts';
import { API_TEXTS } from './api-texts.ts';

/** GET /openapi.json: the description of the API (OpenAPI 3.1), made of what the endpoints declare; once in a process. */
export function getOpenapi({ endpoints }: { readonly endpoints: () => readonly Endpoint[] }): Endpoint {
  let document: OpenApiDocument | undefined;
  return endpoint({
    name: 'getOpenapi',
    summary: 'Read this description.',
    method: 'GET',
    route: 'openapi.json',
    roles: 'anyone',
    answers: { 200: z.record(z.string(), z.unknown()) },
    problems: [],
    async handle() {
      document ??= describeApi(endpoints(), API_TEXTS);
      return { status: 200, body: document, headers: { 'Cache-Control': 'no-cache' } };
    },
  });
}
