/**
 * Events by webhook: one POST for each, signed. A receiver checks `spillway-signature: t=<seconds>,v1=<hex>`, where v1 is the
 * HMAC-SHA256 of `<t>.<body>` under the shared secret, and refuses an old t; `spillway-event-id` is the event's id.
 */
import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Receiver } from './drain-outbox.ts';
import type { SpillwayEvent } from './event.ts';
import { guardedLookup, type TargetRules, webhookUrlProblem } from './webhook-target.ts';

const TIMEOUT_MS = 10_000;

/** Where the webhook is, and how it is signed. */
export interface WebhookOptions extends TargetRules {
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

/** A receiver that posts events one after the other; any answer but 2xx is a failure, a redirection too. */
export function createWebhook({ url, secret, now, allowsLoopback }: WebhookOptions): Receiver {
  async function post(event: SpillwayEvent, agent: HttpAgent): Promise<string | undefined> {
    const body = JSON.stringify(event);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'spillway-event-id': event.id,
      'spillway-signature': signatureOf(secret, body, Math.floor(now() / 1000)),
    };
    try {
      const status = await postBody(url, { headers, body, agent });
      return status >= 200 && status < 300 ? undefined : `The webhook answered ${status}.`;
    } catch (error) {
      return `The webhook can't be reached: ${(error as Error).message || (error as Error).name}.`;
    }
  }

  return {
    name: 'webhook',
    async send(events) {
      const problem = webhookUrlProblem(url, { allowsLoopback });
      if (problem !== undefined) return { taken: 0, error: `Nothing is sent: the webhook's address ${problem}.` };
      const Agent = url.startsWith('https:') ? HttpsAgent : HttpAgent;
      const agent = new Agent({ keepAlive: true, lookup: guardedLookup({ allowsLoopback }) });
      try {
        for (const [taken, event] of events.entries()) {
          const error = await post(event, agent);
          if (error !== undefined) return { taken, error };
        }
        return { taken: events.length };
      } finally {
        agent.destroy();
      }
    },
  };
}

/** Posts a body and gives the status of the answer, whose own body is thrown away. */
function postBody(
  url: string,
  { body, ...options }: { body: string; headers: Record<string, string | number>; agent: HttpAgent },
): Promise<number> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request(url, { method: 'POST', signal, ...options }, (response: IncomingMessage) => {
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
