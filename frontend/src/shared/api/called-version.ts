// The version that a call runs: the pinned one, or the latest of its definition.

import { type QueryClient, queryOptions } from '@tanstack/react-query';

import type { CallActivity, GraphDocument } from '@/shared/graph/types';

import { api, take } from './client';
import { readVersion } from './definitions';

/** Null: there is no such definition, or no such version of it. */
export function calledVersionQuery(definition: string, version: number) {
  return queryOptions({
    queryKey: ['definitions', 'called', definition, version],
    queryFn: async ({ signal }): Promise<{ title: string; number: number; document: GraphDocument } | null> => {
      const known = await api.GET('/definitions/{key}', { params: { path: { key: definition } }, signal });
      if (known.data === undefined) return null;
      const number = version === 0 ? known.data.latest : version;
      if (number === 0) return null;
      const versions = await take(api.GET('/definitions/{key}/versions', { params: { path: { key: definition } }, signal }));
      if (!versions.items.some((each) => each.number === number) && versions.next_cursor === undefined) return null;
      const { document } = await readVersion(definition, number);
      return { title: known.data.title, number, document };
    },
    staleTime: 15_000,
    enabled: definition !== '',
    retry: false,
  });
}

/** What is known already of what a call runs. */
export function calledDocument(client: QueryClient, call: CallActivity): GraphDocument | undefined {
  return client.getQueryData(calledVersionQuery(call.definition, call.version ?? 0).queryKey)?.document;
}
