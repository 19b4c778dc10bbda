// The filter of the process list, as the URL holds it and as the API takes it: by the API's own names.
import type { ProcessState } from '@/shared/api/types';

export const processStates: readonly ProcessState[] = [
  'running', 'incident', 'suspended', 'scheduled', 'cancelling', 'completed', 'failed', 'cancelled',
];

export interface ProcessesSearch {
  custom_id_prefix?: string;
  /** Any of these, separated by commas. */
  state?: string;
  definition?: string;
  version?: number;
  error_code?: string;
  /** Only what was not called by another process. */
  outermost?: boolean;
  /** Started on or after this day, YYYY-MM-DD, in the user's time zone. */
  from?: string;
  /** Started on or before this day. */
  to?: string;
}

const day = /^\d{4}-\d{2}-\d{2}$/;

/** What of the address is a filter; the router reads a customId of digits as a number. */
export function parseProcessesSearch(search: Record<string, unknown>): ProcessesSearch {
  const parsed: ProcessesSearch = {};
  const prefix = search.custom_id_prefix;
  if (typeof prefix === 'string' && prefix) parsed.custom_id_prefix = prefix;
  if (typeof prefix === 'number') parsed.custom_id_prefix = String(prefix);
  const states = joinStates(statesIn(search.state));
  if (states) parsed.state = states;
  if (typeof search.definition === 'string' && search.definition) parsed.definition = search.definition;
  if (typeof search.version === 'number' && search.version > 0) parsed.version = search.version;
  if (typeof search.error_code === 'string' && search.error_code) parsed.error_code = search.error_code;
  if (search.outermost === true) parsed.outermost = true;
  if (typeof search.from === 'string' && day.test(search.from)) parsed.from = search.from;
  if (typeof search.to === 'string' && day.test(search.to)) parsed.to = search.to;
  return parsed;
}

function statesIn(value: unknown): ProcessState[] {
  const named = typeof value === 'string' ? value.split(',') : [];
  return processStates.filter((state) => named.includes(state));
}

export function statesOf(search: ProcessesSearch): ProcessState[] {
  return statesIn(search.state);
}

export function joinStates(states: readonly ProcessState[]): string | undefined {
  return states.length > 0 ? states.join(',') : undefined;
}

export interface ApiQuery {
  custom_id_prefix?: string;
  state?: ProcessState[];
  definition?: string;
  version?: number;
  error_code?: string;
  outermost?: boolean;
  started_from?: string;
  started_to?: string;
}

/** The query of GET /processes. A day is the user's own: it begins and ends at local midnight. */
export function toApiQuery(search: ProcessesSearch): ApiQuery {
  const { state, from, to, ...same } = search;
  const query: ApiQuery = { ...same };
  if (state) query.state = statesIn(state);
  if (from) query.started_from = new Date(`${from}T00:00:00`).toISOString();
  if (to) query.started_to = nextMidnight(to);
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
