import { z } from 'zod';

/** Why an operation is discarded: a person's words, kept with it. */
export const discardReason = z
  .string()
  .max(1_000)
  .refine((reason) => reason.trim() !== '', 'must say why');
