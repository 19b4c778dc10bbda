import { type QueryClient, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

import type { LiveClient } from '@/shared/live/live-client';
import { useLiveClient } from '@/shared/live/live-provider';
import type { SubscriptionMessage } from '@/shared/live/messages';

import { fetchProcess, fetchTasks, liveKey, liveQuery, processKey, taskKey } from './run-api';
import { type LiveEvent, type LiveProcess, reduceLive } from './live-process';

function reduce(client: QueryClient, id: string, event: LiveEvent): void {
  client.setQueryData<LiveProcess>(liveKey(id), (state) => reduceLive(state, event));
}

/** Payloads and permissions come over HTTP: they are asked again whenever the state changes. */
async function refreshHeader(client: QueryClient, id: string): Promise<void> {
  const process = await fetchProcess(id);
  reduce(client, id, { type: 'header', process });
}

/** A snapshot holds the first tasks only; the others come page by page and never overwrite what is newer. */
async function loadRest(client: QueryClient, id: string, askedAt: number): Promise<void> {
  reduce(client, id, { type: 'page', tasks: await fetchTasks(id), askedAt });
}

/** Keeps what is known of a process true by the websocket, until the returned function is called. */
function follow(client: QueryClient, liveClient: LiveClient, id: string): () => void {
  const known = () => client.getQueryData<LiveProcess>(liveKey(id));
  const receive = (message: SubscriptionMessage) => {
    const before = known();
    if (message.type === 'snapshot' || message.type === 'batch') {
      reduce(client, id, message);
      for (const task of message.tasks) void client.invalidateQueries({ queryKey: taskKey(id, task.id) });
      void client.invalidateQueries({ queryKey: [...processKey(id), 'events'] });
      if (message.type === 'snapshot' && message.more) void loadRest(client, id, message.seq).catch(() => undefined);
      const after = known();
      if (before?.process.state !== after?.process.state || before?.process.open_incidents !== after?.process.open_incidents) {
        void refreshHeader(client, id).catch(() => undefined);
        void client.invalidateQueries({ queryKey: [...processKey(id), 'audit'] });
      }
    } else if (message.type === 'resync') {
      reduce(client, id, { type: 'resync' });
      handle.refresh();
    }
  };
  const handle = liveClient.subscribe(() => {
    const state = known();
    const resumable = state && !state.resyncing;
    return resumable
      ? { topic: 'process', process_id: id, after: { [id]: state.seq } }
      : { topic: 'process', process_id: id };
  }, receive);
  return () => {
    handle.close();
  };
}

/** The process, kept true by the websocket; after a lost connection it goes on from what is known. */
export function useLiveProcess(id: string) {
  const client = useQueryClient();
  const liveClient = useLiveClient();
  const query = useQuery(liveQuery(id));
  const loaded = query.data !== undefined;

  useEffect(() => {
    if (!loaded) return;
    return follow(client, liveClient, id);
  }, [client, liveClient, id, loaded]);

  return query;
}

/** Several processes at once, by id; those that are not loaded yet are missing. */
export function useLiveProcesses(ids: readonly string[]): ReadonlyMap<string, LiveProcess> {
  const client = useQueryClient();
  const liveClient = useLiveClient();
  const all = useQueries({
    queries: ids.map((id) => liveQuery(id)),
    combine: (results) => results.map((result) => result.data),
  });
  const loaded = all.flatMap((data) => (data === undefined ? [] : [data.process.id])).join(' ');
  useEffect(() => {
    if (loaded === '') return;
    const ends = loaded.split(' ').map((id) => follow(client, liveClient, id));
    return () => {
      for (const end of ends) end();
    };
  }, [client, liveClient, loaded]);
  return useMemo(() => new Map(all.flatMap((data) => (data === undefined ? [] : [[data.process.id, data]]))), [all]);
}
