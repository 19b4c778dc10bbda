// Where other systems send requests that start processes.

import { queryOptions } from '@tanstack/react-query';

import { api, take } from './client';

const at = (key: string, node: string) => ({ params: { path: { key, node } } });

export const webhookQuery = (key: string, node: string) =>
  queryOptions({
    queryKey: ['webhook', key, node],
    queryFn: ({ signal }) => take(api.GET('/definitions/{key}/webhooks/{node}', { ...at(key, node), signal })),
    staleTime: 10_000,
  });

export const rotateWebhook = (key: string, node: string) => take(api.POST('/definitions/{key}/webhooks/{node}/rotate', at(key, node)));
