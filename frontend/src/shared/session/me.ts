// Who is signed in, for every feature that shows or hides what a person may do.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import { isApiError } from '@/shared/api/problem';
import type { Me, Permission } from '@/shared/api/types';
import { usePhone } from '@/shared/ui/use-phone';

/** null: nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await take(api.GET('/session', { signal }));
    } catch (error) {
      if (isApiError(error) && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export async function signIn(credentials: { login: string; password: string } | { token: string }): Promise<Me> {
  return take(api.POST('/session', { body: credentials }));
}

/** The signed-in person; only under the gate that lets nobody else through. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('useMe outside of a session');
  return data;
}

/** Answering a task needs no overview, so a phone is enough for it. */
function onPhone(permission: Permission): boolean {
  return permission.endsWith('.read') || permission === 'task.do';
}

/** What the person may do here: a phone only shows. */
export function useMay(): (permission: Permission) => boolean {
  const me = useMe();
  const phone = usePhone();
  return (permission) => (!phone || onPhone(permission)) && (me.permissions.includes(permission) || me.permissions.includes('*'));
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await take(api.DELETE('/session'));
    client.clear();
    client.setQueryData(meQuery.queryKey, null);
  };
}
