/**
 * Ids of records, and the partition that an id names: with the table, an id alone finds its row. This is a storage
 * format; it can't be changed once there is data (docs/adr/0002).
 *
 *  - Ids that we make are version-8 GUIDs whose first eight digits are the bucket. A process draws a random run of 256
 *    neighbouring buckets and fills each with 250 ids before it goes on to the next, so that records made together share
 *    transactions and lie side by side, without any registry of buckets.
 *  - Client-supplied ids (any other version) are hashed to 256 buckets.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { z } from 'zod';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const IDS_PER_BUCKET = 250;
/** Neighbouring buckets that one process fills before it begins elsewhere, so that not all it makes lies in one place. */
const BUCKETS_PER_RUN = 256;
/** Buckets of our ids: all that eight hexadecimal digits can name. */
const BUCKETS = 2 ** 32;

/** Whether a text is a GUID in lower case. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** The GUIDs of all zeros and all ones: what a device has that has none, so that all such devices would share a record. */
const EMPTY_GUID = /^[0-]+$|^[f-]+$/;

/** Schema of a GUID that a caller gives for a record, in lower case. */
export const guidSchema = z
  .guid('is not a GUID')
  .toLowerCase()
  .refine((id) => !EMPTY_GUID.test(id), "is the empty GUID, or all ones, which can't be anything's id. Draw one");

/** Whether a GUID is of the version that only we make. */
export function isOwnId(id: string): boolean {
  return GUID.exec(id)?.[1] === '8';
}

/**
 * Makes ids one after the other; a process has one source. `uses`: so many ids will be derived from this one, which fill its
 * bucket as if each had been made here; 1 unless said otherwise.
 */
export function createIdSource(): (uses?: number) => string {
  let first = '';
  let given = IDS_PER_BUCKET * BUCKETS_PER_RUN;
  return (uses = 1) => {
    if (given >= IDS_PER_BUCKET * BUCKETS_PER_RUN) {
      first = bucketName(randomInt(BUCKETS - BUCKETS_PER_RUN));
      given = 0;
    }
    const bucket = bucketAfter(first, Math.floor(given / IDS_PER_BUCKET));
    given += uses;
    const random = randomUUID();
    return `${bucket}-${random.slice(9, 14)}8${random.slice(15)}`;
  };
}

/**
 * An id of ours that is always the same for the same base and seed. It shares the base's bucket, or one of 256 when the
 * base was supplied by a client, so that what belongs to records made together lies together too.
 */
export function derivedId(baseId: string, seed: string): string {
  const hash = sha256(`${baseId}|${seed}`);
  const bucket = isOwnId(baseId) ? baseId.slice(0, 8) : `${sha256(baseId).slice(0, 2)}000000`;
  return `${bucket}-${hash.slice(0, 4)}-8${hash.slice(4, 7)}-a${hash.slice(7, 10)}-${hash.slice(10, 22)}`;
}

/** The partition of a record's row. */
export function bucketOf(id: string): string {
  return isOwnId(id) ? id.slice(0, 8) : `h${sha256(id).slice(0, 2)}`;
}

/** The bucket of ids of ours that is so many further on; above the last one there is only `END_OF_BUCKETS`. */
export function bucketAfter(bucket: string, steps: number): string {
  const number = Number.parseInt(bucket, 16) + steps;
  return number < BUCKETS ? bucketName(number) : END_OF_BUCKETS;
}

/** Above all buckets of ids of ours, and below those of other ids. */
export const END_OF_BUCKETS = 'g';

function bucketName(number: number): string {
  return number.toString(16).padStart(8, '0');
}

/** Whether a bucket is one of those for client-supplied ids: `h` and two digits. */
export function isHashed(bucket: string): boolean {
  return bucket.startsWith('h');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
