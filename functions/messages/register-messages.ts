import { app } from '@azure/functions';
import { CHANGE_QUEUE } from '../../shared/customers/messages/dead-letters.ts';
import { type ChannelMessagePorts, createChannelMessages } from './channel-changes.ts';

/** The app setting that the trigger finds its connection in. */
const CONNECTION_SETTING = 'SPILLWAY_SERVICE_BUS';

/** Tells the Functions runtime of the queue's trigger. */
export function registerMessages(ports: ChannelMessagePorts): void {
  app.serviceBusQueue('channelChanges', {
    connection: CONNECTION_SETTING,
    queueName: CHANGE_QUEUE,
    isSessionsEnabled: true,
    handler: createChannelMessages(ports),
  });
}
