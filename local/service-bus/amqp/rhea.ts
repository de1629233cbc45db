/** The AMQP library, with those of its members that its own types leave out. */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Connection, Container, Delivery, EventContext, Message, Sender } from 'rhea';

/** What of `rhea` the stand-in uses. */
export const rhea = createRequire(import.meta.url)('rhea') as Container;

/** A delivery whose remote settlement can be noted: a client in settle mode "second" never settles again by itself. */
export type ServerDelivery = Delivery & { remote_settled: boolean };

/** A link as its server side sees it. */
export interface LinkInternals {
  readonly local: { readonly attach: Record<string, unknown> };
  readonly remote: { readonly attach?: Record<string, unknown> };
  readonly state: { open_requests: number; local_open: boolean };
}

/** A client receiver's link: its server side sends. */
export type ServerSender = Sender &
  LinkInternals & {
    readonly credit: number;
    readonly session: {
      readonly outgoing: {
        readonly next_delivery_id: number;
        readonly next_pending_delivery: number;
        available(): number;
      };
    };
    readonly connection: ServerConnection;
  };

export type ServerConnection = Connection & { _register(): void; accept(socket: Socket): void };

/** Context of events of a link whose server side sends. */
export type SenderContext = EventContext & { readonly sender: ServerSender; readonly delivery: ServerDelivery };

/** A message whose body may be in data sections, as decoded. */
export type DecodedMessage = Message & { body: { readonly content: Buffer | Buffer[]; readonly multiple?: boolean } };

interface AmqpFailure {
  readonly condition: string;
  readonly description: string;
}

const outcomes = rhea.message as unknown as {
  accepted(): { described(): unknown };
  rejected(fields: { error: AmqpFailure }): { described(): unknown };
};

/** The state of a delivery that was taken or, with an error, refused. */
export function deliveryState(error: AmqpFailure | undefined): unknown {
  return (error ? outcomes.rejected({ error }) : outcomes.accepted()).described();
}

/** The container of a server that takes anybody: it hears this machine alone. */
export function createServerContainer(): Container {
  const container = rhea.create_container({ id: 'spillway-service-bus', non_fatal_errors: [] });
  const mechanisms = container.sasl_server_mechanisms as Record<string, unknown> & {
    enable_anonymous(): void;
    enable_plain(check: () => boolean): void;
  };
  mechanisms.enable_anonymous();
  mechanisms.enable_plain(() => true);
  // The name under which the Service Bus SDK asks for it.
  mechanisms.MSSBCBS = mechanisms.ANONYMOUS;
  return container;
}

/** An address as queues are known by: without a leading slash, in small letters. */
export function normalizeAddress(address: unknown): string {
  return (typeof address === 'string' ? address : '').replace(/^\/+/, '').toLowerCase();
}
