// The way through the examples that a first start shows newcomers: what it has, and what of it was gone in this browser.

import { queryOptions } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

import { api, take } from '@/shared/api/client';
import type { ProcessSummary } from '@/shared/api/types';

export const stops = ['watch', 'mend', 'person', 'draw'] as const;
export type Stop = (typeof stops)[number];

/** What the first start of `dev` leaves to be looked at and to be mended: server/demo. */
const examples = {
  watch: { definition: 'rights-registration', custom_id: '2026-1010' },
  mend: { definition: 'quick-check', custom_id: '2026-1002' },
} as const;

/** Where the guide begins to draw. */
export const drawn = examples.watch.definition;

export interface Examples {
  watch: ProcessSummary;
  mend: ProcessSummary;
}

/** null: they were deleted, or never there. */
export const examplesQuery = queryOptions({
  queryKey: ['guide', 'examples'],
  queryFn: async ({ signal }): Promise<Examples | null> => {
    const find = async (query: (typeof examples)[keyof typeof examples]) =>
      (await take(api.GET('/processes', { params: { query: { ...query, limit: 1 } }, signal }))).items[0];
    const [watch, mend] = await Promise.all([find(examples.watch), find(examples.mend)]);
    return watch && mend ? { watch, mend } : null;
  },
  refetchInterval: 5_000,
});

const NAME = 'taskurotta-guide';
const LEFT = 'left';
const listeners = new Set<() => void>();

function read(): string {
  try {
    return window.localStorage.getItem(NAME) ?? '';
  } catch {
    return LEFT; // Without a storage it could not be left for good.
  }
}

/** Keeps that a stop was come to, or that the guide was left. */
export function remember(what: Stop | typeof LEFT): void {
  const known = new Set(read().split(' ').filter(Boolean)).add(what);
  try {
    window.localStorage.setItem(NAME, [...known].join(' '));
  } catch {
    // It is not shown there.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Which stops were come to, and whether the guide was left. */
export function useGuide(): { seen: ReadonlySet<string>; left: boolean } {
  const seen = new Set(useSyncExternalStore(subscribe, read).split(' '));
  return { seen, left: seen.has(LEFT) };
}
