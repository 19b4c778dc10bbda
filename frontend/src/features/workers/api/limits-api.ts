import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Limit } from '@/shared/api/types';

export const limitsQuery = queryOptions({
  queryKey: ['limits'],
  queryFn: async ({ signal }): Promise<Limit[]> => (await take(api.GET('/limits', { signal }))).items,
  refetchInterval: 10_000,
});

export interface LimitForm {
  key: string;
  most: number;
  starts: number;
  perSeconds: number;
}

/** Zero numbers mean no such limit; with neither the limit is removed. */
export async function setLimit(nodeType: string, form: LimitForm, reason: string): Promise<void> {
  if (form.most === 0 && form.starts === 0) {
    await take(api.POST('/limits/remove', { body: { node_type: nodeType, reason } }));
    return;
  }
  const body = {
    node_type: nodeType,
    reason,
    ...(form.key.trim() !== '' && { key: form.key.trim() }),
    ...(form.most > 0 && { most: form.most }),
    ...(form.starts > 0 && { starts: form.starts, per_seconds: form.perSeconds }),
  };
  await take(api.POST('/limits', { body }));
}
