// Definitions, drafts, versions and the catalog, as both the list and the designer ask the server for them.

import { queryOptions } from '@tanstack/react-query';

import type { GraphDocument } from '@/shared/graph/types';

import { http } from './http';
import type { Issue } from './problem';
import type { DefinitionSummary, NodeType, Page, VersionSummary } from './types';

export interface Draft {
  document: GraphDocument;
  revision: number;
  updated_at: string;
  updated_by?: string;
  issues?: Issue[];
}

export interface SavedDraft {
  revision: number;
  updated_at: string;
  issues?: Issue[];
}

export interface Version extends VersionSummary {
  document: GraphDocument;
  node_types?: NodeType[];
}

function pathOf(key: string): string {
  return `/definitions/${encodeURIComponent(key)}`;
}

function match(revision: number): { headers: Record<string, string> } {
  return { headers: { 'If-Match': `"${revision}"` } };
}

export const nodeTypesQuery = queryOptions({
  queryKey: ['node-types'],
  queryFn: async ({ signal }) => (await http.get<Page<NodeType>>('/node-types', { signal })).items,
  staleTime: 10_000,
  refetchInterval: 15_000,
});

export function definitionsQuery(q: string) {
  return queryOptions({
    queryKey: ['definitions', 'list', q],
    queryFn: ({ signal }) => http.get<Page<DefinitionSummary>>('/definitions', { query: { q, limit: 100 }, signal }),
  });
}

export function definitionQuery(key: string) {
  return queryOptions({
    queryKey: ['definitions', 'one', key],
    queryFn: ({ signal }) => http.get<DefinitionSummary>(pathOf(key), { signal }),
  });
}

export function versionsQuery(key: string) {
  return queryOptions({
    queryKey: ['definitions', 'versions', key],
    queryFn: async ({ signal }) => (await http.get<Page<VersionSummary>>(`${pathOf(key)}/versions`, { signal })).items,
  });
}

/** The draft is read once and then lives in the designer's own store; a later answer must not replace it. */
export function readDraft(key: string, signal?: AbortSignal): Promise<Draft> {
  return http.get<Draft>(`${pathOf(key)}/draft`, { signal });
}

export function readVersion(key: string, number: number): Promise<Version> {
  return http.get<Version>(`${pathOf(key)}/versions/${number}`);
}

export function createDefinition(key: string, title: string, document?: GraphDocument): Promise<DefinitionSummary> {
  return http.post<DefinitionSummary>('/definitions', { key, title, document });
}

export function renameDefinition(key: string, title: string): Promise<DefinitionSummary> {
  return http.patch<DefinitionSummary>(pathOf(key), { title });
}

export function saveDraft(key: string, document: GraphDocument, revision: number): Promise<SavedDraft> {
  return http.put<SavedDraft>(`${pathOf(key)}/draft`, document, match(revision));
}

export async function validateDocument(key: string, document: GraphDocument, signal?: AbortSignal): Promise<Issue[]> {
  return (await http.post<{ issues?: Issue[] }>(`${pathOf(key)}/validate`, document, { signal })).issues ?? [];
}

export function publish(key: string, note: string, revision: number): Promise<VersionSummary> {
  return http.post<VersionSummary>(`${pathOf(key)}/publish`, { note }, match(revision));
}

export function setLatest(key: string, version: number): Promise<unknown> {
  return http.put(`${pathOf(key)}/latest`, { version });
}
