// The filter of the process list, as the URL holds it and as the API takes it.
import type { ProcessState } from '@/shared/api/types';

export const processStates: readonly ProcessState[] = [
  'running', 'incident', 'suspended', 'scheduled', 'cancelling', 'completed', 'failed', 'cancelled',
];

export interface ProcessesSearch {
  /** Beginning of the customId. */
  q?: string;
  state?: ProcessState[];
  definition?: string;
  version?: number;
  error?: string;
  /** Started on or after this day, YYYY-MM-DD, in the user's time zone. */
  from?: string;
  /** Started on or before this day. */
  to?: string;
}

const day = /^\d{4}-\d{2}-\d{2}$/;

export function parseProcessesSearch(search: Record<string, unknown>): ProcessesSearch {
  const parsed: ProcessesSearch = {};
  if (typeof search.q === 'string' && search.q) parsed.q = search.q;
  // The router reads a customId of digits as a number.
  if (typeof search.q === 'number') parsed.q = String(search.q);
  const wanted: unknown[] = Array.isArray(search.state) ? search.state : [search.state];
  const states = processStates.filter((state) => wanted.includes(state));
  if (states.length > 0) parsed.state = states;
  if (typeof search.definition === 'string' && search.definition) parsed.definition = search.definition;
  if (typeof search.version === 'number' && search.version > 0) parsed.version = search.version;
  if (typeof search.error === 'string' && search.error) parsed.error = search.error;
  if (typeof search.from === 'string' && day.test(search.from)) parsed.from = search.from;
  if (typeof search.to === 'string' && day.test(search.to)) parsed.to = search.to;
  return parsed;
}

/** The query of GET /processes. A day is the user's own: it begins and ends at local midnight. */
export interface ApiQuery {
  custom_id_prefix?: string;
  state?: ProcessState[];
  definition?: string;
  version?: number;
  error_code?: string;
  started_from?: string;
  started_to?: string;
}

export function toApiQuery(search: ProcessesSearch): ApiQuery {
  const query: ApiQuery = {};
  if (search.q) query.custom_id_prefix = search.q;
  if (search.state) query.state = search.state;
  if (search.definition) query.definition = search.definition;
  if (search.version) query.version = search.version;
  if (search.error) query.error_code = search.error;
  if (search.from) query.started_from = new Date(`${search.from}T00:00:00`).toISOString();
  if (search.to) query.started_to = nextMidnight(search.to);
  return query;
}

function nextMidnight(value: string): string {
  const date = new Date(`${value}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date.toISOString();
}

export function isFiltered(search: ProcessesSearch): boolean {
  return Object.keys(search).length > 0;
}
