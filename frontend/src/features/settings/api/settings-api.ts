import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await take(api.GET('/tokens', { params: { query: { limit: 200 } }, signal }))).items,
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await take(api.GET('/users', { params: { query: { limit: 200 } }, signal }))).items,
});

export const roles = ['viewer', 'participant', 'support', 'analyst', 'developer', 'admin'] as const;
export type Role = (typeof roles)[number];

export function isRole(value: string): value is Role {
  return roles.some((role) => role === value);
}

export const settings = {
  createToken: (name: string, expiresAt: string | undefined) =>
    take(api.POST('/tokens', { body: expiresAt === undefined ? { name } : { name, expires_at: expiresAt } })),
  deleteToken: (id: string) => take(api.DELETE('/tokens/{id}', { params: { path: { id } } })),
  createUser: (user: { login: string; name: string; password: string; roles: Role[]; groups: string[] }) =>
    take(api.POST('/users', { body: user })),
  updateUser: (id: string, change: { roles?: Role[]; groups?: string[]; disabled?: boolean; password?: string }) =>
    take(api.PATCH('/users/{id}', { params: { path: { id } }, body: change })),
};
