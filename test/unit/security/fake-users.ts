import type { FoundUser, UserReader } from '../../../shared/security/users.ts';

type State = FoundUser['state'];

/** Users by id and state, which a test may change as it goes; ids that aren't named were never made. */
export function fakeUsers(
  initial: Record<string, State>,
  roles: Record<string, string[]> = {},
): UserReader & { states: Record<string, State> } {
  const states = { ...initial };
  return {
    states,
    async findUser(id) {
      const state = states[id] ?? 'never';
      if (state === 'never') return { state };
      const on = '2026-01-01T00:00:00.000Z';
      const common = { version: 1, createdOn: on, modifiedOn: on, modifiedBy: 'admin' };
      const enabled = state === 'present';
      return { state, user: { id, name: `Name of ${id}`, enabled, roles: roles[id] ?? [], ...common } };
    },
  };
}
