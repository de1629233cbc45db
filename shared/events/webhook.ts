/**
 * Events by webhook: one POST for each, signed. A receiver checks `spillway-signature: t=<seconds>,v1=<hex>`, where v1 is the
 * HMAC-SHA256 of `<t>.<body>` under the shared secret, and refuses an old t; `spillway-event-id` is the event's id.
 */
import { createHmac } from 'node:crypto';
import type { Receiver } from './drain-outbox.ts';
import type { SpillwayEvent } from './event.ts';

const TIMEOUT_MS = 10_000;

/** Where the webhook is, and how it is signed. */
export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** The signature header of a body at a time in seconds since 1970. Pure. */
function signatureOf(secret: string, body: string, seconds: number): string {
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

/** Why a webhook's URL won't do, as the rest of a sentence; undefined for one that does. Pure. */
export function webhookUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not an absolute URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password';
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return undefined;
  return 'must begin with https:// (http:// does for this machine alone)';
}

/** A receiver that posts events one after the other; any answer but 2xx is a failure. */
export function createWebhook({ url, secret, now }: WebhookOptions): Receiver {
  async function post(event: SpillwayEvent): Promise<string | undefined> {
    const body = JSON.stringify(event);
    const headers = {
      'content-type': 'application/json',
      'spillway-event-id': event.id,
      'spillway-signature': signatureOf(secret, body, Math.floor(now() / 1000)),
    };
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await response.body?.cancel();
      return response.ok ? undefined : `The webhook answered ${response.status}.`;
    } catch (error) {
      const { message, cause } = error as Error;
      return `The webhook can't be reached: ${cause instanceof Error ? cause.message : message}.`;
    }
  }

  return {
    name: 'webhook',
    async send(events) {
      for (const [taken, event] of events.entries()) {
        const error = await post(event);
        if (error !== undefined) return { taken, error };
      }
      return { taken: events.length };
    },
  };
}
