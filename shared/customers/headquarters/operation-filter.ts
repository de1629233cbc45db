import { z } from 'zod';
import { idSchema } from '../../security/ids.ts';
import { HQ_STATUSES, OPERATION_NAMES } from '../customer-operation.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A time, in the form that is stored. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text).toISOString());

/** The end of a time range: a day's is the beginning of the next, so that the day belongs to it. */
const end = z.union([
  z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
  z.iso.date().transform((text) => new Date(Date.parse(text) + DAY_MS).toISOString()),
]);

/** What narrows operations, in the query of their list and in a bulk change. */
export const operationFilter = {
  status: z.enum(HQ_STATUSES).optional(),
  channel: idSchema.optional(),
  customer: z.string().min(1).max(400).optional(),
  asyncCustomer: z.string().min(1).max(100).optional(),
  operation: z.enum(OPERATION_NAMES).optional(),
  from: moment.optional(),
  to: end.optional(),
  error: z.string().min(1).max(400).optional(),
};
