// The document format of a process definition, field for field as designer/graph/graph.go reads and writes it.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export const SCHEMA_VERSION = 1;

export type NodeKind =
  | 'start_event'
  | 'end_event'
  | 'service_task'
  | 'script_task'
  | 'user_task'
  | 'decision_task'
  | 'call_activity'
  | 'sub_process'
  | 'exclusive_gateway'
  | 'inclusive_gateway'
  | 'parallel_gateway'
  | 'event_gateway'
  | 'timer_event'
  | 'message_event'
  | 'compensation_event'
  | 'boundary_event';

/** A JSON literal, or a string that is a template ("Dear {{input.name}}") or an expression ("=tasks.check.valid"). */
export type Value = Json;

export type StartKind = 'manual' | 'schedule' | 'message' | 'webhook';

/** Starts by the clock: a cron rule of five fields, in a zone. */
export interface Schedule {
  cron: string;
  zone?: string;
  input?: Record<string, Value>;
}

export interface Webhook {
  check: 'hmac' | 'path';
  secret?: string;
}

export interface StartEvent {
  kind?: StartKind;
  input_schema?: JsonObject;
  search_keys?: string[];
  schedule?: Schedule;
  message?: string;
  webhook?: Webhook;
  one_active?: boolean;
  /** How long a process may take from its beginning. */
  time_limit_ms?: number;
  /** Of a message and a webhook: what becomes the input of the process; `input` is what came. */
  input?: Record<string, Value>;
  custom_id?: string;
}

export type EndKind = 'none' | 'error' | 'terminate' | 'compensate';

export interface EndEvent {
  kind: EndKind;
  code?: string;
  message?: Value;
  output?: Record<string, Value>;
}

export interface ServiceTask {
  type: string;
  plan?: boolean;
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

export type TimerKind = 'duration' | 'date' | 'cron' | 'working_days';

/**
 * A moment: an ISO 8601 duration, a date, or a cron rule of five fields, in a zone (IANA name), UTC without one; or a number of working
 * days of a calendar (without one: the default), at a time of the last day.
 */
export interface Timer {
  kind: TimerKind;
  value: string;
  zone?: string;
  calendar?: string;
  at?: string;
}

/** What a message must carry to be taken: a name, and the key that `key` (a text, template or expression) gives. */
export interface Message {
  name: string;
  key: string;
}

/** Another definition as a child process; version 0 is the latest one. */
export interface CallActivity {
  definition: string;
  version?: number;
  input?: Record<string, Value>;
  custom_id?: string;
  on_failure?: 'incident' | 'continue';
}

export interface UserTask {
  form?: JsonObject;
  input?: Record<string, Value>;
  groups?: string[];
  assignee?: string;
  due?: Timer;
  escalate?: Timer;
  escalate_to?: string[];
}

export type HitPolicy = 'unique' | 'first' | 'any' | 'collect';

export interface DecisionRule {
  when: string[];
  then: Value[];
}

export interface DecisionTask {
  hit: HitPolicy;
  inputs: string[];
  outputs: string[];
  rules: DecisionRule[];
  /** What the columns are called and hold, by place; a shorter list says nothing of the rest. */
  input_columns?: DecisionColumn[];
  output_columns?: DecisionColumn[];
}

export type ColumnType = 'text' | 'number' | 'integer' | 'boolean' | 'date';

export interface DecisionColumn {
  /** Of an input; an output has its own. */
  name?: string;
  type?: ColumnType;
}

export type BoundaryKind = 'error' | 'timer' | 'message';

export interface BoundaryEvent {
  on: string;
  kind: BoundaryKind;
  keeps_running?: boolean;
  codes?: string[];
  technical?: boolean;
  timer?: Timer;
  times?: number;
  message?: Message;
}

/** An activity for each entry of a list. */
export interface Multi {
  items: Value;
  sequential?: boolean;
  limit?: number;
  until?: string;
  tolerated?: string;
  collect?: Value;
}

export interface GraphNode {
  id: string;
  kind: NodeKind;
  title: string;
  doc?: string;
  /** The sub-process that the node lies in. */
  parent?: string;
  start?: StartEvent;
  end?: EndEvent;
  service?: ServiceTask;
  script?: ScriptTask;
  user?: UserTask;
  decision?: DecisionTask;
  call?: CallActivity;
  timer?: Timer;
  message?: Message;
  boundary?: BoundaryEvent;
  multi?: Multi;
  /** The task that compensates this activity. */
  undone_by?: string;
  /** Of an event that compensates: the activity whose runs it undoes; all of its level when there is none. */
  undoes?: string;
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

/** Colours of notes and frames; one that is not known is drawn as the first. */
export const COLORS = ['amber', 'blue', 'teal', 'violet', 'slate'] as const;

export type Color = (typeof COLORS)[number];

/** A titled box around some nodes of one level; each node is in one frame at most. */
export interface Frame {
  id: string;
  title: string;
  color?: Color;
  nodes: readonly string[];
}

export interface Layout {
  nodes?: Record<string, Point>;
  frames?: readonly Frame[];
}

/** A markdown remark, in the sub-process `parent` or beside the process itself. */
export interface Note {
  id: string;
  text: string;
  parent?: string;
  color?: Color;
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
