/** The description of the API (OpenAPI 3.1), made of what the endpoints declare. */
import { PROBLEM_KINDS, type ProblemSlug } from '../../messages/problem-kinds.ts';
import { problemSchema, problemsOf } from '../answers.ts';
import type { Endpoint } from '../endpoint.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { operationOf, type PathParameter, sharedProblemResponses } from './operation.ts';

/** What the endpoints don't say of themselves. */
export interface ApiTexts {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Areas of the API in the order to read them in, each with the first segments of its routes. */
  readonly areas: readonly { readonly name: string; readonly description: string; readonly roots: readonly string[] }[];
  readonly pathParameters: Readonly<Record<string, PathParameter>>;
}

/** An OpenAPI document: JSON. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** Describes the endpoints. Throws Error for a route whose first segment or parameters have no texts. Pure. */
export function describeApi(endpoints: readonly Endpoint[], texts: ApiTexts): OpenApiDocument {
  const { title, version, description, areas, pathParameters } = texts;
  const routes = [...new Set(endpoints.map(({ route }) => route))];
  const paths = routes.map((route) => {
    const tag = tagOf(route, areas);
    const operations = endpoints
      .filter((each) => each.route === route)
      .map((each) => [each.method.toLowerCase(), operationOf(each, { tag, pathParameters })]);
    return [`/${route.replace('{*', '{')}`, Object.fromEntries(operations)];
  });
  return {
    openapi: '3.1.0',
    info: { title, version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/api', description: 'The host that serves this document.' }],
    tags: areas.map(({ name, description: text }) => ({ name, description: text })),
    security: [{ bearer: [] }],
    paths: Object.fromEntries(paths),
    components: components(endpoints),
  };
}

function tagOf(route: string, areas: ApiTexts['areas']): string {
  const [root = ''] = route.split('/');
  const area = areas.find(({ roots }) => roots.includes(root));
  if (area) return area.name;
  throw new Error(`Say which area of the API addresses under /${root} belong to.`);
}

function components(endpoints: readonly Endpoint[]): Record<string, unknown> {
  const slugs = new Set(endpoints.flatMap((each) => [...problemsOf(each)]));
  return {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of the configured issuer.' },
    },
    schemas: { Problem: jsonSchemaOf(problemSchema, 'output') },
    responses: sharedProblemResponses(endpoints),
    examples: Object.fromEntries([...slugs].map((slug) => [slug, problemExample(slug)])),
    parameters: {
      'ifMatch-required': ifMatch(true),
      'ifMatch-heeded': ifMatch(false),
      idempotencyKey: {
        ...{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 256 } },
        description: 'Sent again under the same key, the request is answered as the first time and done once.',
      },
    },
    headers: {
      ETag: text('The version, in quotes, for If-Match.', { pattern: '^"\\d+"$' }),
      Location: text('Where that is which was made, or which goes on.'),
      'Retry-After': text('Seconds after which to try again.', { pattern: '^\\d+$' }),
      'WWW-Authenticate': text('How to prove who one is.'),
    },
  };
}

function ifMatch(required: boolean): Record<string, unknown> {
  const description = `The version as last seen, as the ETag gave it (\`"7"\`).${required ? ' Needed where the thing exists.' : ''}`;
  return {
    name: 'If-Match',
    in: 'header',
    required: false,
    description,
    schema: { type: 'string', pattern: '^"\\d+"$' },
  };
}

function text(description: string, rule: Record<string, string> = {}): Record<string, unknown> {
  return { description, schema: { type: 'string', ...rule } };
}

function problemExample(slug: ProblemSlug): Record<string, unknown> {
  const { status, title } = PROBLEM_KINDS[slug];
  const detail = 'What was wrong with this request, and what to do next.';
  return { summary: title, value: { type: `/problems/${slug}`, title, status, detail } };
}
