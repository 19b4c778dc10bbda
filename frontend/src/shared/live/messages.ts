// The words of the live websocket, both ways.
import type { Pool, Process, ProcessSummary, TaskSummary } from '@/shared/api/types';

export type Topic =
  | { topic: 'process'; process_id: string; after?: Record<string, number> }
  | { topic: 'processes'; ids: string[] }
  | { topic: 'workers' };

export type ClientMessage =
  | ({ type: 'subscribe'; id: string } & Topic)
  | { type: 'unsubscribe'; id: string }
  | { type: 'ping' };

/** What a batch says of the process: everything but the payloads. */
export type ProcessDelta = ProcessSummary & Partial<Pick<Process, 'counts' | 'nodes' | 'taken_edges' | 'actions' | 'output'>>;

export interface SnapshotMessage {
  type: 'snapshot';
  id: string;
  process: Process;
  tasks: TaskSummary[];
  seq: number;
  /** There are more tasks than a snapshot holds; they come page by page over HTTP. */
  next_cursor?: string;
}

export interface BatchMessage {
  type: 'batch';
  id: string;
  seq: number;
  process?: ProcessDelta;
  tasks?: TaskSummary[];
}

export type ServerMessage =
  | { type: 'hello'; server: string; version: string }
  | SnapshotMessage
  | BatchMessage
  | { type: 'resync'; id: string }
  | { type: 'rows'; id: string; items: ProcessSummary[] }
  | { type: 'pools'; id: string; items: Pool[] }
  | { type: 'pong' }
  | { type: 'error'; id?: string; code: string; message: string };

/** The messages that answer a subscription. */
export type SubscriptionMessage = Extract<ServerMessage, { type: 'snapshot' | 'batch' | 'resync' | 'rows' | 'pools' | 'error' }>;

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
