import type { EventContext, Message, Receiver } from 'rhea';
import type { Namespace } from '../namespace.ts';
import { BATCH_FORMAT, splitBatch, toSentMessage } from './message-codec.ts';
import { deliveryState, type ServerDelivery } from './rhea.ts';

/** A client's sender to a queue or topic: takes messages and batches, each transfer whole or not at all. */
export function serveSender(link: Receiver, namespace: Namespace, address: string): void {
  link.on('message', (context: EventContext) => {
    const delivery = context.delivery as ServerDelivery;
    const messages =
      delivery.format === BATCH_FORMAT
        ? splitBatch(context.message as unknown as Buffer)
        : [context.message as unknown as Message];
    const refusal = messages
      .map((message) => refusalOf(namespace, address, message))
      .find((each) => each !== undefined);
    if (refusal === undefined) for (const message of messages) namespace.send(address, toSentMessage(message));
    const error = refusal === undefined ? undefined : { condition: 'amqp:not-allowed', description: refusal };
    delivery.update(true, deliveryState(error));
  });
}

function refusalOf(namespace: Namespace, address: string, message: Message): string | undefined {
  if (message.message_annotations?.['x-opt-scheduled-enqueue-time'] !== undefined) {
    return 'The stand-in does not schedule messages.';
  }
  return namespace.refusalOf(address, { sessionId: message.group_id });
}
