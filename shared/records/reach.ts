import type { Behavior } from '../catalogue/relationships.ts';
import type { RecordValue } from './record.ts';

/**
 * Whether an action on a parent reaches one of its children, by the behaviour of the relationship. `UserOwned` compares
 * with the owner that the root had when the job was made, however far down the child is. RemoveLink and Restrict belong
 * to Delete; elsewhere they reach nothing.
 */
export function isReached(
  behavior: Behavior,
  child: Pick<RecordValue, 'ownerId' | 'state'>,
  formerOwnerId: string,
): boolean {
  switch (behavior) {
    case 'All':
      return true;
    case 'Active':
      return child.state === 'Active';
    case 'UserOwned':
      return child.ownerId === formerOwnerId;
    case 'None':
    case 'RemoveLink':
    case 'Restrict':
      return false;
  }
}
