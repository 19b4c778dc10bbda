// How a process can begin, and what expressions of each kind of start may read.

import { currentLanguage } from '@/shared/i18n/i18n';
import type { GraphNode, StartEvent, StartKind } from '@/shared/graph/types';

import { nameFromSchema, type Name } from './scope';

export const START_KINDS: readonly StartKind[] = ['manual', 'schedule', 'message', 'webhook'];

/** The start as one of another kind: what the process needs stays, what was of the kind before goes. */
export function startOfKind(start: StartEvent, kind: StartKind): StartEvent {
  const { input_schema, search_keys, one_active, time_limit_ms, custom_id, input } = start;
  const kept: StartEvent = {
    ...(input_schema === undefined ? {} : { input_schema }),
    ...(search_keys === undefined ? {} : { search_keys }),
    ...(one_active === undefined ? {} : { one_active }),
    ...(time_limit_ms === undefined ? {} : { time_limit_ms }),
  };
  const key = custom_id === undefined ? {} : { custom_id };
  switch (kind) {
    case 'manual':
      return kept;
    case 'schedule':
      return { kind, ...kept, ...key, schedule: { cron: '0 9 * * 1-5' } };
    case 'message':
      return { kind, ...kept, ...key, ...(input === undefined ? {} : { input }), message: '' };
    case 'webhook':
      return { kind, ...kept, ...key, ...(input === undefined ? {} : { input }), webhook: { check: 'path' } };
  }
}

const leaf = (name: string, type: Name['type']): Name => ({ name, type, title: '', members: () => [] });

/** What values of the input read: what came, as "input". A schedule brings nothing. */
export function inputScope(kind: StartKind | undefined): Name[] {
  switch (kind) {
    case 'message':
      return [leaf('input', 'object')];
    case 'webhook':
      return [{ name: 'input', type: 'object', title: '', members: () => [leaf('body', 'any'), leaf('query', 'object'), leaf('headers', 'object')] }];
    default:
      return [];
  }
}

/** What a customId reads: the input of the process. */
export function keyScope(owner: GraphNode | undefined): Name[] {
  const schema = owner?.start?.input_schema ?? {};
  return [{ ...nameFromSchema('input', schema, schema, currentLanguage()), name: 'input', type: 'object', title: '' }];
}
