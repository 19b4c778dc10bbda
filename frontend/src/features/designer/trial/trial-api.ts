// Test runs of a draft, and what is pinned for them.

import { queryOptions, useQuery } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Json, JsonObject } from '@/shared/api/types';

export interface Mock {
  answer?: JsonObject;
  output?: JsonObject;
  error?: { code: string; message?: string };
}

export interface Pin {
  node_id: string;
  mock: Mock;
  pinned_at: string;
  pinned_by: string;
}

export interface TestOrder {
  revision: number;
  input: JsonObject;
  mocks?: Record<string, Mock>;
  real?: string[];
  /** A process whose files may be named. */
  files?: string;
  step?: { node: string; outputs: Record<string, JsonObject>; item?: Json };
}

export interface StartedTest {
  id: string;
  version: number;
  mocked: string[];
}

const at = (key: string) => ({ path: { key } });

export const lastTestKey = (key: string) => ['designer', 'last-test', key] as const;

/** The newest process of a definition, test or not: its input is a good one to begin with. */
export function lastProcessQuery(key: string) {
  return queryOptions({
    queryKey: ['designer', 'last-process', key],
    queryFn: async ({ signal }) => (await take(api.GET('/processes', { params: { query: { definition: key, tests: 'any', limit: 1 } }, signal }))).items[0] ?? null,
  });
}

/** The newest test process of a definition, null when none was run yet. */
export function lastTestQuery(key: string) {
  return queryOptions({
    queryKey: lastTestKey(key),
    queryFn: async ({ signal }) => (await take(api.GET('/processes', { params: { query: { definition: key, tests: 'only', limit: 1 } }, signal }))).items[0] ?? null,
  });
}

export function pinsQuery(key: string) {
  return queryOptions({
    queryKey: ['designer', 'pins', key],
    queryFn: async ({ signal }): Promise<Pin[]> => (await take(api.GET('/definitions/{key}/pins', { params: at(key), signal }))).items as Pin[],
    staleTime: 30_000,
  });
}

export function usePins(key: string): Readonly<Record<string, Pin>> {
  const pins = useQuery(pinsQuery(key));
  return Object.fromEntries((pins.data ?? []).map((pin) => [pin.node_id, pin]));
}

export function runTest(key: string, order: TestOrder): Promise<StartedTest> {
  return take(api.POST('/definitions/{key}/tests', { params: at(key), body: order }));
}

export function pin(key: string, node: string, mock: Mock): Promise<unknown> {
  return take(api.PUT('/definitions/{key}/pins/{node}', { params: { path: { key, node } }, body: mock }));
}

export function unpin(key: string, node: string): Promise<unknown> {
  return take(api.DELETE('/definitions/{key}/pins/{node}', { params: { path: { key, node } } }));
}

const NOBODY: readonly string[] = [];

/** The steps that only pretend in a test process, by the version that it runs. */
export function useMocked(key: string, version: number | undefined): readonly string[] {
  const detail = useQuery({
    queryKey: ['designer', 'mocked', key, version],
    enabled: version !== undefined && version < 0,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const found = await take(api.GET('/definitions/{key}/versions/{n}', { params: { path: { key, n: version ?? 0 } }, signal }));
      return Object.keys(found.mocks ?? {});
    },
  });
  return detail.data ?? NOBODY;
}
