// What the server's API answers and takes, by the names of its OpenAPI document.
import type { GraphDocument } from '@/shared/graph/types';

import type { components } from './schema';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** Where the API's document says nothing of a payload, it is JSON all the same. */
export type Known<T> = unknown extends T
  ? Json
  : T extends readonly (infer Item)[]
    ? Known<Item>[]
    : T extends object
      ? { [Name in keyof T]: Known<T[Name]> }
      : T;

type Schemas = components['schemas'];
type Of<Name extends keyof Schemas> = Known<Schemas[Name]>;

export interface Page<T> {
  items: T[];
  next_cursor?: string;
}

export type Permission =
  | 'process.read' | 'process.start' | 'process.operate' | 'process.delete'
  | 'definition.read' | 'definition.edit' | 'definition.publish'
  | 'worker.read' | 'audit.read' | 'user.manage' | 'mail.read' | 'alert.read' | 'alert.manage' | 'schedule.manage'
  | 'task.do' | 'message.send' | 'calendar.manage' | 'secret.read' | 'secret.manage';

export type Me = Of<'Me'>;
export type User = Of<'User'>;
export type Token = Of<'Token'>;
export type CreatedToken = Of<'CreatedToken'>;
export type NodeType = Of<'NodeType'>;
export type Secret = Of<'Secret'>;
export type Calendar = Of<'Calendar'>;
export type CalendarDay = Of<'CalendarDay'>;
export type DefinitionSummary = Of<'DefinitionSummary'>;
export type VersionSummary = Of<'Version'>;
export type ProcessSummary = Of<'ProcessSummary'>;
export type ProcessState = ProcessSummary['state'];
export type ProcessLink = Of<'ProcessLink'>;
export type Process = Of<'Process'>;
export type ProcessDelta = Of<'LiveProcessProgress'>;
export type Permit = Of<'Action'>;
export type TaskSummary = Of<'TaskSummary'>;
export type TaskState = TaskSummary['state'];
export type TaskError = Of<'TaskError'>;
export type Task = Of<'Task'>;
export type TaskWait = Of<'TaskWait'>;
export type UserTaskSummary = Of<'UserTaskSummary'>;
export type UserTask = Of<'UserTask'>;
export type Attempt = Of<'Attempt'>;
export type Why = Of<'Why'>;
export type Change = Of<'Change'>;
export type ProcessEvent = Of<'Event'>;
export type Incident = Of<'Incident'>;
export type Message = Of<'Message'>;
export type IncidentGroup = Of<'IncidentGroup'>;
export type Retention = Of<'Retention'>;
export type Pool = Of<'Pool'>;
export type PoolType = Of<'PoolType'>;
export type Pause = Of<'Pause'>;
export type Limit = Of<'Limit'>;
export type WorkerInfo = Of<'Worker'>;
export type AuditEntry = Of<'AuditEntry'>;
export type MailSummary = Of<'MailSummary'>;
export type MailMessage = Of<'Mail'>;
export type FileRef = Of<'FileRef'>;

/** A published version with its graph. */
export type VersionDetail = Omit<Of<'VersionDetail'>, 'document'> & { document: GraphDocument };

/** The graph that a process runs. */
export interface ProcessGraph {
  document: GraphDocument;
  node_types: NodeType[];
}
export type BulkJob = Of<'BulkJob'>;
export type BulkItem = Of<'BulkItem'>;
export type BulkFilter = Of<'BulkFilter'>;
export type BulkOptions = Partial<Of<'BulkOptions'>>;
export type BulkOperation = BulkJob['operation'];
export type Schedule = Of<'Schedule'>;
export type ScheduleRule = Of<'ScheduleRule'>;
export type ScheduleFire = Of<'ScheduleFire'>;
export type AlertRule = Of<'AlertRule'>;
export type AlertKind = AlertRule['kind'];
export type AlertRuleFields = Of<'AlertRuleFields'>;
export type NewAlertRule = Of<'CreateAlertRule'>;
export type AlertOccurrence = Of<'Alert'>;
export type AlertNotice = Of<'AlertNotice'>;
export type AlertItem = Of<'AlertItem'>;
export type AlertDelivery = Of<'AlertDelivery'>;
export type Usage = Of<'Usage'>;
