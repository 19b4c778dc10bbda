// The document format of a process definition, field for field as designer/graph/graph.go reads and writes it.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export const SCHEMA_VERSION = 1;

export type NodeKind =
  | 'start_event'
  | 'end_event'
  | 'service_task'
  | 'script_task'
  | 'exclusive_gateway'
  | 'parallel_gateway';

/** A JSON literal, or a string that is a template ("Dear {{input.name}}") or an expression ("=tasks.check.valid"). */
export type Value = Json;

export interface StartEvent {
  input_schema?: JsonObject;
  search_keys?: string[];
}

export type EndKind = 'none' | 'error' | 'terminate';

export interface EndEvent {
  kind: EndKind;
  code?: string;
  message?: Value;
  output?: Record<string, Value>;
}

export interface ServiceTask {
  type: string;
  input?: Record<string, Value>;
  result?: Record<string, Value>;
  retry?: RetryPolicy;
  timeouts?: Timeouts;
}

export interface ScriptTask {
  output: Record<string, Value>;
}

export type Backoff = 'fixed' | 'linear' | 'exponential';

export interface RetryPolicy {
  max_attempts?: number;
  backoff?: Backoff;
  initial_ms?: number;
  factor?: number;
  cap_ms?: number;
  jitter?: number;
  total_ms?: number;
  retry_codes?: string[];
  dont_retry_codes?: string[];
}

export interface Timeouts {
  queue_ms?: number;
  attempt_ms?: number;
  total_ms?: number;
  heartbeat_ms?: number;
}

export interface GraphNode {
  id: string;
  kind: NodeKind;
  title: string;
  doc?: string;
  start?: StartEvent;
  end?: EndEvent;
  service?: ServiceTask;
  script?: ScriptTask;
}

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  title?: string;
  condition?: string;
  default?: boolean;
}

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  nodes?: Record<string, Point>;
}

export interface Note {
  id: string;
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface GraphDocument {
  schema: number;
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  layout: Layout;
  notes?: readonly Note[];
  extensions?: JsonObject;
}

export function emptyDocument(): GraphDocument {
  return { schema: SCHEMA_VERSION, nodes: [], edges: [], layout: {} };
}
