import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Pause } from '@/shared/api/types';

export const pausesQuery = queryOptions({
  queryKey: ['pauses'],
  queryFn: async ({ signal }): Promise<Pause[]> => (await take(api.GET('/pauses', { signal }))).items,
  refetchInterval: 10_000,
});

export type PauseKind = Pause['kind'];

/** Pauses a node type, a pool or a definition, or lets it go on. */
export async function setPaused(kind: PauseKind, name: string, paused: boolean, reason: string): Promise<void> {
  const request = { body: { kind, name, reason } };
  await take(paused ? api.POST('/pauses', request) : api.POST('/pauses/resume', request));
}
