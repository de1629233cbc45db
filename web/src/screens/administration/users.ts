import type { z } from 'zod';
import type { roleSchema } from '../../../../shared/security/roles.ts';
import type { userSchema } from '../../../../shared/security/users.ts';

export const USERS_PATH = '/users';
export const rolePath = (name: string) => `/roles/${encodeURIComponent(name)}`;

export type User = z.infer<typeof userSchema>;
export type Role = z.infer<typeof roleSchema>;
export type Grant = Role['privileges'][number];
