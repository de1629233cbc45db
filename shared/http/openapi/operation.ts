import { z } from 'zod';
import { PROBLEM_KINDS, type ProblemSlug } from '../../messages/problem-kinds.ts';
import { problemsOf } from '../answers.ts';
import type { AnswerSchemas, Endpoint } from '../endpoint.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** What is said of a parameter in addresses: its meaning, and its schema where that isn't any text. */
export interface PathParameter {
  readonly description: string;
  readonly schema?: JsonSchema;
}

/** What the description says of one call. */
export interface OperationTexts {
  readonly tag: string;
  readonly pathParameters: Readonly<Record<string, PathParameter>>;
}

const ANSWER_TEXTS: Readonly<Record<number, string>> = {
  200: 'It is done, or here it is.',
  201: 'It was made.',
  202: 'It was accepted; the work goes on.',
  207: 'A result for each, in the order sent.',
};

/** Statuses whose problems say when to try again. */
const RETRIED = [409, 423, 429, 503];

/** One call as an OpenAPI 3.1 operation. */
export function operationOf(target: Endpoint, { tag, pathParameters }: OperationTexts): Record<string, unknown> {
  const { name, summary, roles, body, route } = target;
  const inPath = [...route.matchAll(/\{\*?(\w+)\}/g)].map(([, parameter = '']) => parameter);
  return {
    operationId: name,
    summary,
    tags: [tag],
    'x-roles': roles === 'anyone' ? [] : roles,
    security: roles === 'anyone' ? [] : [{ bearer: [] }],
    parameters: [
      ...inPath.map((parameter) => pathParameter(parameter, pathParameters[parameter])),
      ...queryParameters(target),
      ...headerParameters(target),
    ],
    ...(body && { requestBody: requestBody(body) }),
    responses: { ...answerResponses(target), ...problemResponses(target) },
  };
}

function pathParameter(name: string, texts: PathParameter | undefined): Record<string, unknown> {
  if (texts === undefined) throw new Error(`Say what {${name}} in a route means, beside the other parameters.`);
  const { description, schema = { type: 'string', minLength: 1 } } = texts;
  return { name, in: 'path', required: true, description, schema };
}

function queryParameters({ query }: Endpoint): Record<string, unknown>[] {
  if (!query) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
    ...(typeof schema === 'object' && schema.description && { description: schema.description }),
  }));
}

function headerParameters({ ifMatch, idempotent }: Endpoint): Record<string, unknown>[] {
  return [
    ...(ifMatch ? [{ $ref: `#/components/parameters/ifMatch-${ifMatch}` }] : []),
    ...(idempotent ? [{ $ref: '#/components/parameters/idempotencyKey' }] : []),
  ];
}

function requestBody(body: z.ZodType): Record<string, unknown> {
  const required = !body.safeParse(undefined).success;
  return { required, content: { 'application/json': { schema: jsonSchemaOf(body, 'input') } } };
}

function answerResponses(target: Endpoint): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(target.answers).map(([status, schema]) => {
      const headers = answerHeaders(target, Number(status), schema);
      return [
        status,
        {
          description: ANSWER_TEXTS[Number(status)] ?? 'It is done.',
          ...(Object.keys(headers).length > 0 && { headers }),
          ...(schema && { content: answerContent(target, schema) }),
        },
      ];
    }),
  );
}

function answerContent({ method }: Endpoint, schema: z.ZodType): Record<string, unknown> {
  const isList = method === 'GET' && schema instanceof z.ZodObject && 'items' in schema.shape;
  return {
    'application/json': { schema: jsonSchemaOf(schema, 'output') },
    ...(isList && { 'text/csv': { schema: { type: 'string' } } }),
  };
}

/** A single thing has its version as ETag; what was made or goes on has an address. */
function answerHeaders(target: Endpoint, status: number, schema: AnswerSchemas[number]): Record<string, unknown> {
  const hasVersion = schema instanceof z.ZodObject && 'version' in schema.shape;
  const isMade = target.idempotent === true && (status === 201 || status === 202);
  return {
    ...(hasVersion && { ETag: { $ref: '#/components/headers/ETag' } }),
    ...(isMade && { Location: { $ref: '#/components/headers/Location' } }),
  };
}

function problemResponses(target: Endpoint): Record<string, unknown> {
  const responses = Object.entries(problemsByStatus(target));
  return Object.fromEntries(
    responses.map(([status, slugs]) => [status, { $ref: `#/components/responses/${slugs.join('.')}` }]),
  );
}

/** The kinds of problems of a call by their status, always in the same order. */
function problemsByStatus(target: Endpoint): Readonly<Record<string, readonly ProblemSlug[]>> {
  const slugs = [...problemsOf(target)].sort();
  const statuses = [...new Set(slugs.map((slug) => PROBLEM_KINDS[slug].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => [status, slugs.filter((slug) => PROBLEM_KINDS[slug].status === status)]),
  );
}

/** The problem responses that these calls refer to. */
export function sharedProblemResponses(endpoints: readonly Endpoint[]): Record<string, unknown> {
  const kinds = endpoints.flatMap((each) => Object.values(problemsByStatus(each)));
  return Object.fromEntries(kinds.map((slugs) => [slugs.join('.'), problemResponse(slugs)]));
}

function problemResponse(slugs: readonly ProblemSlug[]): Record<string, unknown> {
  const [status = 500] = slugs.map((slug) => PROBLEM_KINDS[slug].status);
  const headers = {
    ...(status === 401 && { 'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' } }),
    ...(RETRIED.includes(status) && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
  };
  return {
    description: `${slugs.map((slug) => PROBLEM_KINDS[slug].title).join('; ')}.`,
    ...(Object.keys(headers).length > 0 && { headers }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(slugs.map((slug) => [slug, { $ref: `#/components/examples/${slug}` }])),
      },
    },
  };
}
