// The filter of the incidents, as the URL holds it and as the API takes it.
import type { BulkFilter } from '@/shared/api/types';

/** How long ago an incident was opened: since, or longer ago than. */
export const ages = ['since_1h', 'since_24h', 'since_7d', 'before_1h', 'before_24h', 'before_7d'] as const;
export type Age = (typeof ages)[number];

const milliseconds: Record<string, number> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 };

export interface IncidentsSearch {
  text?: string;
  definition?: string;
  node?: string;
  code?: string;
  age?: Age;
  /** The group that is open: definition, step and error. */
  open?: string;
}

/** What of the address is a filter; the router reads a text of digits as a number. */
export function parseIncidentsSearch(search: Record<string, unknown>): IncidentsSearch {
  const parsed: IncidentsSearch = {};
  for (const name of ['text', 'definition', 'node', 'code', 'open'] as const) {
    const value = search[name];
    if (typeof value === 'string' && value) parsed[name] = value;
    if (typeof value === 'number') parsed[name] = String(value);
  }
  const age = ages.find((known) => known === search.age);
  if (age) parsed.age = age;
  return parsed;
}

export function isFiltered({ open: _, ...filter }: IncidentsSearch): boolean {
  return Object.keys(filter).length > 0;
}

function opened(age: Age | undefined, now: number): { opened_from?: string; opened_to?: string } {
  const [side, distance] = age?.split('_') ?? [];
  const span = milliseconds[distance ?? ''];
  if (span === undefined) return {};
  const at = new Date(now - span).toISOString();
  return side === 'since' ? { opened_from: at } : { opened_to: at };
}

export interface IncidentQuery {
  text?: string;
  definition?: string;
  node_id?: string;
  code?: string;
  group?: string;
  opened_from?: string;
  opened_to?: string;
}

/** The query of GET /incidents and GET /incident-groups. */
export function toQuery({ text, definition, node, code, age }: IncidentsSearch, now = Date.now()): IncidentQuery {
  return {
    ...(text === undefined ? {} : { text }),
    ...(definition === undefined ? {} : { definition }),
    ...(node === undefined ? {} : { node_id: node }),
    ...(code === undefined ? {} : { code }),
    ...opened(age, now),
  };
}

export interface GroupName {
  definition: string;
  node_id: string;
  group: string;
}

/** A group in the address. A key has no slash, an id of a node neither. */
export const groupKey = (group: GroupName) => `${group.definition}/${group.node_id}/${group.group}`;

/** Whatever has an incident, and nothing besides, when nothing else narrows it. */
const everyIncident = '1970-01-01T00:00:00Z';

/** The filter of a bulk job on all that is shown, or on one group of it. */
export function toBulkFilter(search: IncidentsSearch, group?: GroupName): BulkFilter {
  const { text, definition, node_id, code, ...times } = toQuery(search);
  return {
    opened_from: everyIncident,
    ...(text === undefined ? {} : { error_text: text }),
    ...(definition === undefined ? {} : { definition }),
    ...(node_id === undefined ? {} : { node_id }),
    ...(code === undefined ? {} : { error_code: code }),
    ...times,
    ...(group === undefined ? {} : { definition: group.definition, node_id: group.node_id, error_group: group.group }),
  };
}
