import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parse } from '../../../shared/http/request-parts.ts';
import { Problem } from '../../../shared/problem.ts';

describe('E3 a refusal', () => {
  it('of a value that fits none of several forms says what would', () => {
    const from = z.union([z.iso.datetime(), z.iso.date()]);
    const status = z.enum(['Failed', 'Held']).optional().or(z.literal('Pending'));
    const schema = z.strictObject({ from, status });
    expect(() => parse(schema, { from: 'yesterday', status: 'Broken' }, 'query')).toThrow(
      'query.from: Invalid ISO datetime or Invalid ISO date; query.status: Invalid option: expected one of "Failed"|"Held" or Invalid input: expected "Pending"',
    );
  });

  it('has the status of its kind, whatever else it tells', () => {
    const extra = { status: 'Applied', jobId: 'j' };
    const body = new Problem('same-request-in-flight', {}, { extra }).toBody();
    expect(body).toMatchObject({ status: 409, jobId: 'j' });
    expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'detail', 'code', 'params', 'jobId']);
  });
});
