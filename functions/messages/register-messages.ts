import { app } from '@azure/functions';
import type { ServiceBusClient } from '@azure/service-bus';
import type { ChangeLists } from '../../shared/customers/channel/change-list.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { openChangeRefusals } from '../../shared/customers/messages/change-refusals.ts';
import { CHANGE_QUEUE, openDeadLetters } from '../../shared/customers/messages/dead-letters.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { createChannelMessages } from './channel-changes.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { requeueDeadLetters } from './requeue-dead-letters.ts';

/** The app setting that the trigger finds its connection in. */
const CONNECTION_SETTING = 'SPILLWAY_SERVICE_BUS';

export interface MessageServices {
  readonly storage: Storage;
  readonly channels: ChannelStore;
  readonly lists: ChangeLists;
  /** Opens the namespace; undefined: no Service Bus is set up. */
  readonly connectServiceBus: (() => ServiceBusClient) | undefined;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Tells the Functions runtime of the queue's trigger, where there is a Service Bus, and gives the endpoints of dead letters. */
export function registerMessages({ storage, channels, lists, connectServiceBus, now }: MessageServices): Endpoint[] {
  const refusals = openChangeRefusals(storage);
  if (connectServiceBus) {
    app.serviceBusQueue('channelChanges', {
      connection: CONNECTION_SETTING,
      queueName: CHANGE_QUEUE,
      isSessionsEnabled: true,
      handler: createChannelMessages({ channels, lists, refusals, now }),
    });
  }
  const deadLetters = openDeadLetters(connectServiceBus, refusals);
  return [listDeadLetters({ deadLetters }), requeueDeadLetters({ deadLetters })];
}
