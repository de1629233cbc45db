/** The AMQP side of the stand-in: connections, and which link leads where. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Container, EventContext, Message, Receiver } from 'rhea';
import { DEAD_LETTER, type Namespace } from '../namespace.ts';
import { answerManagement } from './management.ts';
import { ReceiverLink } from './receiver-link.ts';
import {
  createServerContainer,
  type LinkInternals,
  normalizeAddress,
  rhea,
  type ServerConnection,
  type ServerSender,
} from './rhea.ts';
import { serveSender } from './sender-link.ts';

const CBS = '$cbs';
const MANAGEMENT = '/$management';
const MAX_MESSAGE_BYTES = 1_048_576;
const EXPIRY_MS = 100;

const OPTIONS = {
  autoaccept: false,
  autosettle: false,
  treat_modified_as_released: false,
  max_frame_size: 65_536,
  sender_options: { autosettle: false, treat_modified_as_released: false },
  receiver_options: { autoaccept: false, autosettle: false },
};

/** Serves a namespace over AMQP. The server is made to listen by the caller. */
export class AmqpServer {
  readonly server: Server;
  readonly #namespace: Namespace;
  readonly #container: Container = createServerContainer();
  readonly #sockets = new Set<Socket>();
  readonly #links = new Map<number, { readonly address: string; readonly link: ReceiverLink }>();
  /** Links that answers go to, by name, for each connection. */
  readonly #answers = new WeakMap<object, Map<string, ServerSender>>();
  readonly #timer: NodeJS.Timeout;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    this.server = createServer((socket) => this.#accept(socket));
    this.#container.on('sender_open', (context: EventContext) => this.#openSender(context.sender as ServerSender));
    this.#container.on('receiver_open', (context: EventContext) => this.#openReceiver(context.receiver as Receiver));
    this.#container.on('session_close', ({ session }: EventContext) => session && this.#closeLinks(session));
    for (const event of ['connection_error', 'protocol_error', 'session_error', 'disconnected', 'error']) {
      this.#container.on(event, () => undefined);
    }
    namespace.listen((address) => {
      for (const each of this.#links.values()) if (each.address === address) each.link.pump();
    });
    this.#timer = setInterval(() => namespace.expire((holder) => this.#links.get(holder)?.link.lose()), EXPIRY_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const { link } of this.#links.values()) link.close();
    // First no new connections, then none: a client that comes back in between would keep the server open.
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    const connection = this.#container.create_connection({ ...OPTIONS, reconnect: false } as never) as ServerConnection;
    this.#answers.set(connection, new Map());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#closeLinks(connection);
    });
    connection.accept(socket);
  }

  /** Closes the links of a connection, or of a session of one, that has ended. */
  #closeLinks(whole: object): void {
    for (const [holder, { link }] of this.#links) {
      if (!link.isOf(whole)) continue;
      link.close();
      this.#links.delete(holder);
    }
  }

  /** A client wants to receive: messages, or answers to its requests. */
  #openSender(sender: ServerSender): void {
    echo(sender);
    sender.set_source(sender.source);
    if (sender.target) sender.set_target(sender.target);
    const address = normalizeAddress(sender.source?.address);
    if (address === CBS || address.endsWith(MANAGEMENT)) {
      this.#answers.get(sender.connection)?.set(sender.name, sender);
      return;
    }
    const queue = this.#namespace.queue(address);
    if (!queue) {
      sender.close(notFound(address));
      return;
    }
    const link = new ReceiverLink(sender, this.#namespace, address, queue);
    this.#links.set(link.holder, { address, link });
    sender.on('sender_close', () => this.#links.delete(link.holder));
    link.open();
  }

  /** A client wants to send: messages, or requests. */
  #openReceiver(receiver: Receiver): void {
    const internals = receiver as Receiver & LinkInternals;
    echo(internals);
    receiver.set_target(receiver.target);
    if (receiver.source) receiver.set_source(receiver.source);
    internals.local.attach.max_message_size = MAX_MESSAGE_BYTES;
    const address = normalizeAddress(receiver.target?.address);
    if (address === CBS || address.endsWith(MANAGEMENT)) {
      receiver.on('message', (context: EventContext) => this.#answer(context, address));
      return;
    }
    if (this.#namespace.takes(address)) serveSender(receiver, this.#namespace, address);
    else receiver.close(notFound(address));
  }

  #answer({ message, delivery, connection }: EventContext, address: string): void {
    delivery?.accept();
    if (!message) return;
    const sender = this.#answers.get(connection)?.get(String(message.reply_to));
    const answer =
      address === CBS ? tokenAnswer(message) : answerManagement(this.#namespace, entityOf(address), message);
    sender?.send(answer);
  }
}

/** The SDK knows this failure by its words. */
function notFound(address: string): { readonly condition: string; readonly description: string } {
  return { condition: 'amqp:not-found', description: `The messaging entity '${address}' could not be found.` };
}

function entityOf(address: string): string {
  const entity = address.slice(0, -MANAGEMENT.length);
  return entity.replace(/\/\$deadletterqueue$/, DEAD_LETTER);
}

function tokenAnswer(request: Message): Message {
  const application_properties = { 'status-code': rhea.types.wrap_int(202), 'status-description': 'Accepted' };
  return { correlation_id: request.message_id, application_properties, body: undefined } as unknown as Message;
}

/** The settle modes are as the client wants them. */
function echo({ local, remote }: LinkInternals): void {
  local.attach.snd_settle_mode = remote.attach?.snd_settle_mode;
  local.attach.rcv_settle_mode = remote.attach?.rcv_settle_mode;
}
