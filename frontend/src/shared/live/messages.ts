// The words of the live websocket, both ways.
import type { Known } from '@/shared/api/types';
import type { components } from '@/shared/api/schema';

type Schemas = components['schemas'];

export type Topic =
  | { topic: 'process'; process_id: string; after?: Record<string, number> }
  | { topic: 'processes'; ids: string[] }
  | { topic: 'workers' }
  | { topic: 'draft'; definition: string; tab: string; edit: boolean };

export type ClientMessage =
  | ({ type: 'subscribe'; id: string } & Topic)
  | { type: 'unsubscribe'; id: string }
  | { type: 'take_over' | 'let_go'; id: string }
  | { type: 'ping' };

export type SnapshotMessage = Known<Schemas['LiveSnapshot']>;
export type BatchMessage = Known<Schemas['LiveBatch']>;

export type DraftMessage = Known<Schemas['LiveDraft']>;
export type Seat = DraftMessage['seats'][number];

/** The messages that answer a subscription. */
export type SubscriptionMessage =
  | SnapshotMessage
  | BatchMessage
  | Known<Schemas['LiveResync']>
  | Known<Schemas['LiveRows']>
  | Known<Schemas['LivePools']>
  | DraftMessage
  | Known<Schemas['LiveError']>;

export type ServerMessage = SubscriptionMessage | Schemas['LiveHello'] | Schemas['LivePong'];

export function parseServerMessage(text: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string') {
      return value as ServerMessage;
    }
  } catch {
    // A frame that is no JSON is dropped; the gap check of the server mends what it said.
  }
  return undefined;
}
