import { useEffect, useMemo, useState } from 'react';

import type { ProcessSummary } from '@/shared/api/types';

import { useLiveClient } from './live-provider';

/** The server watches this many rows for one subscription. */
const watchedAtMost = 200;

/** The same rows, each as new as the websocket has told; order and membership stay the caller's. */
export function useLiveRows(rows: readonly ProcessSummary[]): ProcessSummary[] {
  const client = useLiveClient();
  const [heard, setHeard] = useState<ReadonlyMap<string, ProcessSummary>>(new Map());
  const ids = rows.slice(0, watchedAtMost).map((row) => row.id).join(',');
  useEffect(() => {
    if (ids === '') return;
    const handle = client.subscribe(
      () => ({ topic: 'processes', ids: ids.split(',') }),
      (message) => {
        if (message.type === 'rows') setHeard((old) => new Map([...old, ...message.items.map((item) => [item.id, item] as const)]));
      },
    );
    return () => {
      handle.close();
    };
  }, [client, ids]);
  return useMemo(() => rows.map((row) => ({ ...row, ...heard.get(row.id) })), [rows, heard]);
}
