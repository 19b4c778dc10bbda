import { queryOptions } from '@tanstack/react-query';

import { readVersion } from '@/shared/api/definitions';

/** A version never changes once it is there. */
export const versionQuery = (key: string, version: number) =>
  queryOptions({
    queryKey: ['definitions', 'version', key, version],
    queryFn: () => readVersion(key, version),
    enabled: version > 0,
    staleTime: Infinity,
  });
