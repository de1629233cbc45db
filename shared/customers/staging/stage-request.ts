/** What is to be staged together, and what becomes of each request of it. Nothing is read or written here. */
import type { StagedOperation } from '../customer-operation.ts';

/** An operation before it has its place. */
export type NewOperation = Omit<StagedOperation, 'channel' | 'replicationCounter'>;

/** What one request stages, all or nothing, in this order. */
export interface StageRequest {
  readonly channel: string;
  /** Names the request in its marker: a UUID drawn once, the same in every retry, never used for another request. */
  readonly requestId: string;
  /** The segment that earlier attempts noted; undefined when nothing was ever noted. */
  readonly notedSegment: number | undefined;
  /** Notes a segment for later attempts. Throws when another attempt has taken the request over. */
  readonly noteSegment: (segment: number) => Promise<void>;
  readonly operations: readonly NewOperation[];
}

/** The operations as staged, by this attempt or an earlier one; or why this request could not be staged. */
export type StageOutcome = { readonly staged: readonly StagedOperation[] } | { readonly failure: unknown };

/** The requests of one transaction, and how far each of them is. */
export class StageGroup {
  readonly #requests: readonly StageRequest[];
  readonly #outcomes = new Map<StageRequest, StageOutcome>();
  readonly #noted = new Map<StageRequest, number>();

  constructor(requests: readonly StageRequest[]) {
    this.#requests = requests;
  }

  get open(): readonly StageRequest[] {
    return this.#requests.filter((request) => !this.#outcomes.has(request));
  }

  notedBy(request: StageRequest): number | undefined {
    return this.#noted.get(request) ?? request.notedSegment;
  }

  /** Whether this attempt itself has looked for the marker in the segment that is noted, or noted it. */
  isChecked(request: StageRequest): boolean {
    return this.#noted.has(request);
  }

  note(request: StageRequest, segment: number): void {
    this.#noted.set(request, segment);
  }

  newestNoted(): number {
    return Math.max(0, ...this.open.map((request) => this.notedBy(request) ?? 0));
  }

  answer(request: StageRequest, outcome: StageOutcome): void {
    this.#outcomes.set(request, outcome);
  }

  failRest(failure: unknown): void {
    for (const request of this.open) this.answer(request, { failure });
  }

  outcomes(): StageOutcome[] {
    return this.#requests.map((request) => this.#outcomes.get(request) ?? { failure: new Error('No outcome') });
  }
}
