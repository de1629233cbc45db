import type { DurableClient } from 'durable-functions';
import type { z } from 'zod';
import type { ProblemSlug } from '../problem.ts';
import type { Caller, TokenRole } from '../security/caller.ts';
import type { CsvForm } from './csv.ts';

/** What an endpoint's handler is given: already authenticated, parsed and, where asked for, claimed. */
export interface Call<Body, Query, Reserved> {
  readonly caller: Caller;
  /** Values of the path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The version that If-Match asks for (`"7"` → 7), or undefined without the header. */
  readonly ifMatch: number | undefined;
  /** Ids that stay the same over every retry under one Idempotency-Key. */
  readonly reserved: Reserved;
  /** What the claim keeps beside the reserved ids; absent without an Idempotency-Key. */
  readonly claim: ClaimHandle | undefined;
  /** A header of the request, null where it is absent. */
  readonly header: (name: string) => string | null;
  readonly log: (message: string) => void;
}

/** A call of an endpoint that works with orchestrations. */
export interface DurableCall<Body, Query, Reserved> extends Call<Body, Query, Reserved> {
  readonly durable: DurableClient;
}

/** The stored claim of the request at hand, for work that must remember more than its reserved ids (staging's segment). */
export interface ClaimHandle {
  /** Hash of caller and key: unique for this request, the same in each retry. */
  readonly id: string;
  /** What earlier attempts noted. */
  readonly note: string | undefined;
  /** Notes something, provided that no other attempt has taken the claim over; throws Problem request-in-flight if so. */
  writeNote(note: string): Promise<void>;
}

/** What a handler answers. */
export interface Answer {
  readonly status: number;
  /** JSON; text and bytes as they are where the handler sets a Content-Type. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Schemas of what a call answers when it did what it was asked for, by status (2xx); null: without a body. */
export type AnswerSchemas = Readonly<Record<number, z.ZodType | null>>;

/** The methods that endpoints have. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One method of one address, declared: what it takes, who may call it, what it does. Each is an Azure function of its own. */
export interface EndpointSpec<Body, Query, Reserved, Given = Call<Body, Query, Reserved>> {
  /** Name of the Azure function, in lower camel case: the name of the file that declares it. */
  readonly name: string;
  /** What it does, in one sentence in the imperative, for the description of the API. */
  readonly summary: string;
  /** GET stands for HEAD too. */
  readonly method: Method;
  /** Route template of the Functions host, below the prefix `api`: `channels/{channel}`. */
  readonly route: string;
  /** Token roles that may call it; `anyone` needs no token. A channel's token also must carry the route's `{channel}`. */
  readonly roles: readonly TokenRole[] | 'anyone';
  readonly query?: z.ZodType<Query>;
  /** Schema of the JSON body; without one a body with anything in it is refused. */
  readonly body?: z.ZodType<Body>;
  /** Largest body taken, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Schemas of all bodies that it answers, strict: a field that isn't in them is never answered. */
  readonly answers: AnswerSchemas;
  /** The kinds of problems that its work can come to; those that its form brings along are known by it (answers.ts). */
  readonly problems: readonly ProblemSlug[];
  /** Whether it looks at If-Match, or can't do without it where the thing exists. */
  readonly ifMatch?: 'heeded' | 'required';
  /** Whether the Idempotency-Key header is honoured: this call makes or changes something. */
  readonly idempotent?: boolean;
  /** Whose the key is and what the request means, where that isn't the caller, and method, path, query and body. */
  readonly claimAs?: (request: { readonly params: Readonly<Record<string, string>>; readonly body: Body }) => {
    readonly scope: string;
    readonly fingerprint: string;
  };
  /** Ids that the work needs, drawn once for all retries of the request. */
  readonly reserve?: (body: Body) => Reserved;
  /** A list's form as CSV, where its items' fields as they are won't do. Every list is served as CSV (csv-lists.ts). */
  readonly csv?: CsvForm;
  readonly handle: (call: Given) => Promise<Answer>;
}

/** An endpoint with its types forgotten, as it is registered. */
export interface Endpoint extends Omit<EndpointSpec<unknown, unknown, unknown>, 'claimAs' | 'reserve' | 'handle'> {
  readonly claimAs?: (request: never) => { readonly scope: string; readonly fingerprint: string };
  readonly reserve?: (body: never) => unknown;
  /** Whether the durable client is bound to its function. */
  readonly isDurable: boolean;
  readonly handle: (call: never) => Promise<Answer>;
}

/** Declares an endpoint; the schemas give the handler its types. */
export function endpoint<Body = undefined, Query = undefined, Reserved = undefined>(
  spec: EndpointSpec<Body, Query, Reserved>,
): Endpoint {
  return { ...spec, isDurable: false };
}

/** Declares an endpoint whose handler is given the durable client too. */
export function durableEndpoint<Body = undefined, Query = undefined, Reserved = undefined>(
  spec: EndpointSpec<Body, Query, Reserved, DurableCall<Body, Query, Reserved>>,
): Endpoint {
  return { ...spec, isDurable: true };
}
