// Definitions, drafts, versions and the catalog, as both the list and the designer ask the server for them.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import type { GraphDocument } from '@/shared/graph/types';

import { api, take } from './client';
import type { Issue } from './problem';
import type { components } from './schema';
import type { DefinitionSummary, NodeType, Page, VersionDetail, VersionSummary } from './types';

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

/** What is sent is read only here; the API's own types do not say so. */
function toWire(document: GraphDocument): components['schemas']['GraphDocument'] {
  return document as components['schemas']['GraphDocument'];
}

const at = (key: string) => ({ path: { key } });

function match(key: string, revision: number) {
  return { ...at(key), header: { 'If-Match': `"${revision}"` } };
}

export const nodeTypesQuery = queryOptions({
  queryKey: ['node-types'],
  queryFn: async ({ signal }): Promise<NodeType[]> => (await take(api.GET('/node-types', { signal }))).items,
  staleTime: 10_000,
  refetchInterval: 15_000,
});

export function definitionsQuery(q: string) {
  return queryOptions({
    queryKey: ['definitions', 'list', q],
    queryFn: ({ signal }) =>
      take(api.GET('/definitions', { params: { query: q === '' ? { limit: 100 } : { q, limit: 100 } }, signal })),
  });
}

export function definitionQuery(key: string) {
  return queryOptions({
    queryKey: ['definitions', 'one', key],
    queryFn: ({ signal }) => take(api.GET('/definitions/{key}', { params: at(key), signal })),
  });
}

export function versionsQuery(key: string) {
  return queryOptions({
    queryKey: ['definitions', 'versions', key],
    queryFn: async ({ signal }): Promise<VersionSummary[]> =>
      (await take(api.GET('/definitions/{key}/versions', { params: { ...at(key), query: { limit: 200 } }, signal }))).items,
  });
}

/** All versions, page by page. */
export function versionPagesQuery(key: string) {
  return infiniteQueryOptions({
    queryKey: ['definitions', 'version-pages', key],
    queryFn: async ({ signal, pageParam }): Promise<Page<VersionSummary>> => {
      const query = { limit: 30, ...(pageParam !== '' && { cursor: pageParam }) };
      return take(api.GET('/definitions/{key}/versions', { params: { ...at(key), query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
  });
}

/** The draft is read once and then lives in the designer's own store; a later answer must not replace it. */
export async function readDraft(key: string, signal?: AbortSignal): Promise<Draft> {
  return (await take(api.GET('/definitions/{key}/draft', { params: at(key), signal }))) as Draft;
}

export async function readVersion(key: string, number: number): Promise<VersionDetail> {
  const version = await take(api.GET('/definitions/{key}/versions/{n}', { params: { path: { key, n: number } } }));
  return version as VersionDetail;
}

export function createDefinition(key: string, title: string, document?: GraphDocument): Promise<DefinitionSummary> {
  return take(api.POST('/definitions', { body: document === undefined ? { key, title } : { key, title, document: toWire(document) } }));
}

export function renameDefinition(key: string, title: string): Promise<DefinitionSummary> {
  return take(api.PATCH('/definitions/{key}', { params: at(key), body: { title } }));
}

export function saveDraft(key: string, document: GraphDocument, revision: number): Promise<SavedDraft> {
  return take(api.PUT('/definitions/{key}/draft', { params: match(key, revision), body: toWire(document) }));
}

export async function validateDocument(key: string, document: GraphDocument, signal?: AbortSignal): Promise<Issue[]> {
  return (await take(api.POST('/definitions/{key}/validate', { params: at(key), body: toWire(document), signal }))).issues;
}

/** The same of a text that may be no document at all: what is none gets issues with codes of "json" and "document". */
export async function validateRaw(key: string, json: string | Uint8Array): Promise<Issue[]> {
  const body = {} as components['schemas']['GraphDocument'];
  return (await take(api.POST('/definitions/{key}/validate', { params: at(key), body, bodySerializer: () => json }))).issues;
}

export function publish(key: string, note: string, revision: number): Promise<VersionSummary> {
  return take(api.POST('/definitions/{key}/publish', { params: match(key, revision), body: { note } }));
}

export function setLatest(key: string, version: number, reason: string): Promise<unknown> {
  return take(api.PUT('/definitions/{key}/latest', { params: at(key), body: { version, reason } }));
}
