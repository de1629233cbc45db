/** Holds what endpoints answer against what they declare: for tests, in which an answer that doesn't fit is a fault. */
import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { Problem, type ProblemSlug } from '../problem.ts';
import { problemSchema, problemsOf } from './answers.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpAnswerer } from './http-handler.ts';
import { problemResponse } from './responses.ts';

/** Handlers whose answer becomes a 500 where it is not as declared; the log and the detail say what differs. */
export function checkAnswers(handlerOf: (target: Endpoint) => HttpAnswerer): (target: Endpoint) => HttpAnswerer {
  return (target) => {
    const handle = handlerOf(target);
    return async (request, context, durable) => {
      const response = await handle(request, context, durable);
      const fault = faultIn(target, response);
      if (fault === undefined) return response;
      const problem = new Problem('answer-not-as-declared', { function: target.name, fault });
      context.error(new Error(problem.message));
      return problemResponse(problem, 'en');
    };
  };
}

function faultIn(target: Endpoint, { status = 200, headers, body }: HttpResponseInit): string | undefined {
  const type = new Headers(headers as Record<string, string>).get('content-type') ?? '';
  const value: unknown = typeof body === 'string' && type.includes('json') ? JSON.parse(body) : body;
  if (status >= 300) return problemFault(target, value);
  const schema = target.answers[status];
  if (schema === undefined) return `status ${status}`;
  if (type.startsWith('text/csv')) return undefined;
  const result = (schema ?? z.undefined()).safeParse(value);
  return result.success ? undefined : z.prettifyError(result.error);
}

function problemFault(target: Endpoint, value: unknown): string | undefined {
  const { success, data, error } = problemSchema.safeParse(value);
  if (!success) return z.prettifyError(error);
  const slug = data.type.replace('/problems/', '');
  return problemsOf(target).has(slug as ProblemSlug) ? undefined : `problem ${slug}, ${data.detail}`;
}
