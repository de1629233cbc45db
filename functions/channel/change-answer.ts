import type { TakenChange } from '../../shared/customers/channel/changes.ts';
import { operationId, type TargetTable, targetTableOf } from '../../shared/customers/customer-operation.ts';
import type { Answer } from '../../shared/http/endpoint.ts';

/** The answer to a channel's change: 202 for one that is staged; 201 or 200 for one that headquarters has applied. */
export function changeAnswer({ channel, operations, configurationVersion, outcome }: TakenChange): Answer {
  const ids = operations.map(operationId);
  const targets = (table: TargetTable) =>
    operations.filter(({ operation }) => targetTableOf(operation) === table).map(({ targetId }) => targetId);
  const addressIds = targets('address');
  const contactIds = targets('contactInfo');
  const [operation = ''] = ids;
  const { isMade, ...told } = { isMade: undefined, ...outcome };
  const body = {
    operationId: operation,
    customerId: operations[0]?.customerAsyncId,
    configurationVersion,
    ...told,
    ...(operations.length === 1 && addressIds.length === 1 && { addressId: addressIds[0] }),
    ...(operations.length === 1 && contactIds.length === 1 && { contactId: contactIds[0] }),
    ...(operations.length > 1 && { operationIds: ids, addressIds, contactIds }),
  };
  const status = isMade === undefined ? 202 : isMade ? 201 : 200;
  return { status, body, headers: { Location: `/api/channels/${channel}/operations/${operation}` } };
}
