/** Roles that a token can carry. What a User may do comes from the HQ roles of its user. */
export const TOKEN_ROLES = ['Administrator', 'User', 'Channel'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** Who makes a call, after the token was verified and the user found enabled. */
export interface Caller {
  readonly role: TokenRole;
  /** The user's id; for a channel `channel:<id>`. Recorded as the author of each change. */
  readonly id: string;
  /** Set for channels only. */
  readonly channel: string | undefined;
}
