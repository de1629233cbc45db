import { type OperationKey, operationId } from '../customer-operation.ts';
import type { HqOperations, StagedOperations } from '../ports.ts';
import { isOthers, overlay, PENDING } from './channel-view.ts';
import type { ChannelCustomers } from './customers.ts';
import { type OperationBodyView, pendingBody, uploadedBody } from './operation-body.ts';
import { readProgress } from './progress.ts';

/** An operation that the channel has staged, and how far it is at headquarters. */
export interface ChannelOperation {
  readonly body: OperationBodyView;
  /** 0 until headquarters has the operation. */
  readonly version: number;
}

/** The operations that channels ask about. */
export interface ChannelOperations {
  find(key: OperationKey): Promise<ChannelOperation | undefined>;
}

/** A channel's operations one by one: from headquarters once uploaded, before that from the channel's own store. */
export function createChannelOperations(ports: {
  readonly staging: StagedOperations;
  readonly customers: ChannelCustomers;
  readonly hqOperations: HqOperations;
}): ChannelOperations {
  const { staging, customers, hqOperations } = ports;

  /** Whether headquarters' customer of this id is another than the one that the channel has made. */
  async function isAmongOthers(channel: string, customerAsyncId: string): Promise<boolean> {
    const { operations = [], snapshot } = (await customers.find(channel, customerAsyncId)) ?? {};
    const progress = await readProgress(hqOperations, operations);
    const own = operations.map((each) => ({ operation: each, progress: progress.get(operationId(each)) ?? PENDING }));
    return isOthers(snapshot, own);
  }

  return {
    async find(key) {
      const { channel, replicationCounter, customerAsyncId } = key;
      const [uploaded] = await hqOperations.findMany([key]);
      if (uploaded) {
        const others = uploaded.status !== 'Completed' && (await isAmongOthers(channel, customerAsyncId));
        const accountNumber = others ? null : uploaded.accountNumber;
        return { body: uploadedBody({ ...uploaded, accountNumber }), version: uploaded.version };
      }
      const staged = await staging.find(channel, replicationCounter);
      if (staged?.customerAsyncId !== customerAsyncId) return undefined;
      const customer = await customers.find(channel, customerAsyncId);
      const earlier = (customer?.operations ?? []).filter((each) => each.replicationCounter < replicationCounter);
      const progress = await readProgress(hqOperations, earlier);
      const own = earlier.map((operation) => ({
        operation,
        progress: progress.get(operationId(operation)) ?? PENDING,
      }));
      const before = overlay(customer?.snapshot, own);
      return { body: pendingBody(staged, before, customer?.snapshot?.accountNumber ?? null), version: 0 };
    },
  };
}
