/**
 * A list of changes, each for itself. Invariants:
 *
 *  LIST-1  A line is claimed under its own key, in the scope of its channel: a line sent again, in another list or as a
 *      request of its own, is the same line.
 *  LIST-2  The lines of one customer are taken one after the other, in the order given. After one whose fate isn't known
 *      (storage failed, another attempt is at it) the later ones of its customer are left alone, or they would overtake
 *      it.
 *  LIST-3  A refused line stops no other.
 */
import { z } from 'zod';
import { problemSchema } from '../../http/answers.ts';
import type { Claims } from '../../http/claims.ts';
import type { Answer } from '../../http/endpoint.ts';
import { Problem, type ProblemBody } from '../../problem.ts';
import { groupBy, MANY_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Channel } from '../ports.ts';
import { claimOf } from './change.ts';
import { customerOf, differentCustomers, type ParsedLine, parseLine } from './change-line.ts';
import { type ChannelChanges, changeAnswerSchema, type TakenChange } from './changes.ts';
import type { Reservation } from './customer-identity.ts';
import type { ChannelCustomers } from './customers.ts';

/** What a line's result has of the answer that a request of its own would have. */
const acceptedSchema = changeAnswerSchema
  .omit({ configurationVersion: true, mode: true, reason: true, missingJobs: true, accountNumber: true })
  .partial();

/** Schema of `LineResult`. */
export const lineResultSchema = acceptedSchema.extend({
  index: z.number().int(),
  status: z.number().int().describe('As the answer to a request of its own would have.'),
  problem: problemSchema.optional(),
});

/** What became of one line. */
export interface LineResult extends Readonly<z.infer<typeof acceptedSchema>> {
  readonly index: number;
  readonly status: number;
  readonly problem?: ProblemBody;
}

/** Takes lists of changes. */
export interface ChangeLists {
  /** Takes up to 100 lines; the results are in their order. `log` is told of our own faults. */
  submit(list: {
    readonly channel: Channel;
    readonly lines: readonly unknown[];
    readonly by: string;
    readonly log: (message: string) => void;
  }): Promise<LineResult[]>;
}

type Outcome = Omit<LineResult, 'index'>;

/** Creates what takes lists of changes. */
export function createChangeLists(ports: {
  readonly claims: Claims;
  readonly changes: ChannelChanges;
  readonly customers: ChannelCustomers;
  readonly reserve: () => Reservation;
  /** The answer that a line is kept under its key as: that of a request of its own. */
  readonly answerOf: (taken: TakenChange) => Answer;
}): ChangeLists {
  const { claims, changes, customers, reserve, answerOf } = ports;
  return {
    async submit({ channel, lines, by, log }) {
      const outcomes: Outcome[] = [];
      const parsed: { index: number; line: ParsedLine }[] = [];
      lines.forEach((value, index) => {
        try {
          parsed.push({ index, line: parseLine(value) });
        } catch (error) {
          outcomes[index] = refusal(error, log);
        }
      });

      /** Refuses a line whose two names are of different customers, as far as the channel knows their numbers. */
      const checkNames = async ({ change, otherName }: ParsedLine): Promise<void> => {
        if (otherName === undefined || change.operation === 'createCustomer') return;
        const names = [change.customer, otherName];
        const ids = await Promise.all(names.map((name) => customers.resolve(channel.id, name)));
        const known = [...new Set(ids.filter((id) => id !== undefined))];
        if (known.length > 1) throw differentCustomers();
        const [id] = known;
        if (known.length === 0 || id === undefined || !ids.includes(undefined)) return;
        // One name is a number that the channel doesn't know; it can only be that of a customer whose number it doesn't know.
        const accountNumber = (await customers.find(channel.id, id))?.snapshot?.accountNumber ?? null;
        if (accountNumber !== null) throw differentCustomers();
      };

      const run = async (line: ParsedLine): Promise<Outcome> => {
        const { key, change } = line;
        const request = { ...claimOf(channel.id, change), key, reserve };
        const answer = await claims.run(request, async (reserved, claim) => {
          // Once noted, the change was accepted (changes.ts).
          if (claim.note === undefined) await checkNames(line);
          const reservation = reserved as Reservation;
          return answerOf(await changes.submit({ channel, change, by, reservation, claim }));
        });
        return { status: answer.status, ...acceptedSchema.strip().parse(answer.body) };
      };

      const names = new Map<string, string>();
      await mapParallel([...new Set(parsed.map(({ line }) => customerOf(line)))], MANY_PARALLEL, async (name) => {
        names.set(name, (await customers.resolve(channel.id, name)) ?? name);
      });
      const byCustomer = groupBy(parsed, ({ line }) => names.get(customerOf(line)) ?? '');
      await mapParallel(byCustomer, MANY_PARALLEL, async (group) => {
        let isUncertain = false;
        for (const { index, line } of group) {
          const outcome = isUncertain ? leftAlone() : await run(line).catch((error: unknown) => refusal(error, log));
          outcomes[index] = outcome;
          isUncertain ||= isFateUnknown(outcome);
        }
      });
      return outcomes.map((outcome, index) => ({ index, ...outcome }));
    },
  };
}

function refusal(error: unknown, log: (message: string) => void): Outcome {
  const problem = error instanceof Problem ? error : faultOf(error);
  if (problem !== error) log(`A line of a list of changes failed: ${String(error)}`);
  return { status: problem.status, problem: problem.toBody() };
}

function faultOf(error: unknown): Problem {
  if (error instanceof StorageUnavailable) {
    return new Problem('storage-unavailable', 'Storage did not answer. Send the line again with the same key.');
  }
  return new Problem('internal-error', 'The log has the cause. Send the line again with the same key.');
}

function leftAlone(): Outcome {
  const detail =
    "It isn't known whether an earlier line of the same customer was taken, so this one was not tried, or it might overtake that one. Send both again, in the same order, with the same keys.";
  return refusal(new Problem('storage-unavailable', detail), () => undefined);
}

function isFateUnknown({ status, problem }: Outcome): boolean {
  if (problem?.type.endsWith('/request-in-flight')) return true;
  return status >= 500 && status !== 501;
}
