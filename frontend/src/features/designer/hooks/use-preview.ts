// Evaluates a value on what the last process of the definition had.

import { useQuery } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import { valueMode } from '@/shared/graph/expression';
import type { Json, Value } from '@/shared/graph/types';

import { useRunData } from './use-run-data';

export type PreviewState =
  | { state: 'none' }
  | { state: 'no_data' }
  | { state: 'error'; message: string }
  | { state: 'result'; result: Json | undefined };

export function usePreview(node: string, value: Value): PreviewState {
  const dynamic = typeof value === 'string' && valueMode(value) !== 'literal' && value !== '=';
  const { loading, process, context } = useRunData(node, value, dynamic);
  const answer = useQuery({
    queryKey: ['designer', 'preview', process?.id, value, context?.tasks],
    enabled: dynamic && context !== undefined,
    staleTime: 60_000,
    retry: false,
    queryFn: ({ signal }) => take(api.POST('/expressions/preview', { body: { value, context: context ?? {} }, signal })),
  });
  if (!dynamic || loading) return { state: 'none' };
  if (context === undefined) return { state: 'no_data' };
  if (answer.isError) return { state: 'error', message: answer.error.message };
  if (answer.data === undefined) return { state: 'none' };
  if (answer.data.error !== undefined) return { state: 'error', message: answer.data.error.message };
  return { state: 'result', result: answer.data.result };
}
