import ReconnectingWebSocket from 'partysocket/ws';
import { createContext, type ReactNode, use, useEffect, useState } from 'react';
import { useStore } from 'zustand';

import { apiBase } from '@/shared/api/client';

import { LiveClient, type LiveState, type Socket } from './live-client';

const LiveContext = createContext<LiveClient | undefined>(undefined);

function connect(): Socket {
  const url = new URL(`${apiBase}/live`, window.location.origin);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new ReconnectingWebSocket(url.href, [], {
    minReconnectionDelay: 400,
    maxReconnectionDelay: 8_000,
    reconnectionDelayGrowFactor: 1.6,
    connectionTimeout: 8_000,
    maxEnqueuedMessages: 0,
  });
  return {
    send: (text) => {
      socket.send(text);
    },
    close: () => {
      socket.close();
    },
    reconnect: () => {
      socket.reconnect();
    },
    addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
      if (type === 'message') {
        socket.addEventListener('message', (event: MessageEvent<unknown>) => {
          listener({ data: event.data });
        });
      } else if (type === 'open' || type === 'close') {
        socket.addEventListener(type, () => {
          listener({ data: undefined });
        });
      }
    },
  };
}

interface LiveProviderProps {
  children: ReactNode;
  client?: LiveClient;
  /** False for those who may not look at processes: nothing is asked for. */
  enabled?: boolean;
}

export function LiveProvider({ children, client: given, enabled = true }: LiveProviderProps) {
  const [client] = useState(() => given ?? new LiveClient(connect));
  useEffect(() => {
    if (!enabled) return;
    client.start();
    return () => {
      client.stop();
    };
  }, [client, enabled]);
  return <LiveContext value={client}>{children}</LiveContext>;
}

export function useLiveClient(): LiveClient {
  const client = use(LiveContext);
  if (!client) throw new Error('useLiveClient outside of LiveProvider');
  return client;
}

export function useLiveState(): LiveState {
  return useStore(useLiveClient().state);
}
