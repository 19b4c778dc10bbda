// What the server's API answers and takes.
import type { Text } from '@/shared/i18n/text';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export interface Page<T> {
  items: T[];
  next_cursor?: string;
}

export type Permission =
  | 'process.read' | 'process.start' | 'process.operate'
  | 'definition.read' | 'definition.edit' | 'definition.publish'
  | 'worker.read' | 'audit.read' | 'user.manage' | 'mail.read';

export interface Me {
  user_id: string;
  login: string;
  name: string;
  roles: string[];
  permissions: string[];
  locale: string;
  version: string;
  mode: 'dev' | 'serve';
}

export interface User {
  id: string;
  login: string;
  name: string;
  roles: string[];
  disabled?: boolean;
  created_at?: string;
}

export interface Token {
  id: string;
  name: string;
  roles?: string[];
  created_at: string;
  expires_at?: string;
  last_used_at?: string;
}

export interface NodeType {
  type: string;
  name: string;
  major: number;
  title: Text;
  doc: Text;
  category: Text;
  icon: string;
  input_schema: JsonObject;
  output_schema: JsonObject;
  errors: { code: string; title: Text }[];
  side_effects: boolean;
  pool: string;
  live: boolean;
}

export interface DefinitionSummary {
  key: string;
  title: string;
  /** 0 when nothing is published. */
  latest: number;
  draft_revision: number;
  unpublished: boolean;
  running: number;
  incidents: number;
  updated_at: string;
  updated_by: string;
}

export interface VersionSummary {
  number: number;
  note: string;
  checksum: string;
  published_at: string;
  published_by: string;
  running: number;
  latest: boolean;
}

export type ProcessState =
  | 'scheduled' | 'running' | 'suspended' | 'incident' | 'cancelling' | 'completed' | 'failed' | 'cancelled';

export type TaskState =
  | 'waiting' | 'ready' | 'queued' | 'running' | 'retrying' | 'incident' | 'completed' | 'failed' | 'skipped' | 'cancelled';

export interface ProcessSummary {
  id: string;
  custom_id: string;
  definition: string;
  definition_title: string;
  version: number;
  state: ProcessState;
  priority: number;
  created_at: string;
  started_at?: string;
  ended_at?: string;
  scheduled_at?: string;
  open_incidents: number;
  error_code?: string;
  error_message?: string;
  restarted_from?: string;
  restarted_as?: string[];
}

export interface Permit {
  allowed: boolean;
  reason?: string;
}

/** The tasks of one node, summed up. */
export interface NodeSummary {
  states: Partial<Record<TaskState, number>>;
  last_run: number;
  last: TaskState;
}

export interface Process extends ProcessSummary {
  input?: Json;
  output?: Json;
  seq: number;
  counts: Partial<Record<TaskState, number>>;
  nodes: Record<string, NodeSummary>;
  suspended_by?: string;
  suspend_reason?: string;
  taken_edges: string[];
  actions: Partial<Record<'cancel' | 'suspend' | 'resume' | 'restart', Permit>>;
}

export interface TaskError {
  class?: string;
  code: string;
  message: string;
  stack?: string;
}

export interface Why {
  code: string;
  params?: Record<string, string | number>;
  text_en?: string;
}

export interface TaskSummary {
  id: string;
  node_id: string;
  title: string;
  kind: string;
  node_type?: string;
  scope_id: string;
  run: number;
  state: TaskState;
  epoch: number;
  attempt: number;
  max_attempts: number;
  created_at: string;
  ready_at?: string;
  started_at?: string;
  ended_at?: string;
  queued_ms?: number;
  run_ms?: number;
  progress?: { percent: number; text?: string };
  worker?: string;
  error?: TaskError;
  why?: Why;
}

export interface Attempt {
  attempt: number;
  epoch: number;
  worker?: string;
  outcome?: string;
  queued_at?: string;
  started_at?: string;
  ended_at?: string;
  run_ms?: number;
  error?: TaskError;
  log?: string;
  input?: Json;
}

export interface Task extends TaskSummary {
  input?: Json;
  output?: Json;
  attempts: Attempt[];
  actions: Partial<Record<'retry' | 'edit_and_retry' | 'skip', Permit>>;
}

export interface Change {
  kind: string;
  task?: string;
  node?: string;
  run?: number;
  scope?: string;
  state?: string;
  attempt?: number;
  epoch?: number;
  edge?: string;
  percent?: number;
  text?: string;
  code?: string;
  worker?: string;
  actor?: string;
  detail?: Json;
}

export interface ProcessEvent {
  seq: number;
  at: string;
  changes: Change[];
}

export interface Incident {
  process_id: string;
  custom_id: string;
  definition: string;
  definition_title?: string;
  version: number;
  node_id: string;
  task_id: string;
  code: string;
  message: string;
  opened_at: string;
}

export interface WorkerInfo {
  id: string;
  host: string;
  pid: number;
  version: string;
  slots: number;
  busy: number;
  started_at: string;
  seen_at: string;
  draining: boolean;
  refusals: { type: string; reason: string }[];
}

export interface PoolType {
  type: string;
  title: Text;
  queued: number;
  running: number;
  paused?: string;
}

export interface Pool {
  pool: string;
  slots: number;
  busy: number;
  queued: number;
  running: number;
  backlog: number;
  oldest_age_ms: number;
  last_poll_at?: string;
  no_worker_since?: string;
  workers: WorkerInfo[];
  types: PoolType[];
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  action: string;
  subject_kind: string;
  subject_id: string;
  reason?: string;
  detail?: Json;
  request_id?: string;
}

export interface MailSummary {
  id: string;
  from: string;
  to: string[];
  subject: string;
  at: string;
  size: number;
}

export interface MailMessage extends MailSummary {
  text: string;
  html?: string;
  headers: Record<string, string[] | string>;
}

export interface FileRef {
  $file: string;
  name: string;
  size: number;
  media_type: string;
}
