// Asks the server what a table says of typed inputs, a moment after they or the table changed.

import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { api, take } from '@/shared/api/client';
import { expressionSource } from '@/shared/graph/expression';
import type { DecisionTask, GraphNode, Json, Value } from '@/shared/graph/types';

import { useRunData } from '../hooks/use-run-data';
import { useScope } from '../hooks/use-scope';
import { pathTo, type Name } from '../model/scope';
import { outputText, triedValue } from '../model/table-cells';
import { columnAt } from '../model/table-edit';
import type { Tries } from './try-row';

const PAUSE_MS = 250;

export interface UseTries extends Tries {
  open: (open: boolean) => void;
  /** Fills the inputs with what they were in the last run; undefined when there was none. */
  fill: (() => void) | undefined;
}

function typeOf(table: DecisionTask, column: number, scope: readonly Name[]): string | undefined {
  const said = columnAt(table, column).type;
  return said ?? pathTo(scope, expressionSource(table.inputs[column] ?? ''))?.type;
}

export function useTries(node: GraphNode, table: DecisionTask): UseTries {
  const [opened, setOpened] = useState(false);
  const [texts, setTexts] = useState<readonly string[]>([]);
  const scope = useScope(node.id);
  const read = useMemo((): Value => [...table.inputs, ...table.rules.flatMap((rule): Value[] => [...rule.when, ...rule.then])], [table]);
  const run = useRunData(node.id, read, opened);
  const context = useMemo(() => run.context ?? {}, [run.context]);
  const names = opened ? scope() : [];
  const given = table.inputs.map((_, column): Json => triedValue(texts[column] ?? '', typeOf(table, column, names)));
  const asked = opened && texts.some((text) => text.trim() !== '');
  const [settled] = useDebouncedValue({ table, given, asked, context }, PAUSE_MS);
  const answer = useQuery({
    queryKey: ['designer', 'try-table', settled.table, settled.given, settled.context],
    enabled: settled.asked,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => take(api.POST('/expressions/decision', { body: { decision: { ...settled.table }, inputs: settled.given, context: settled.context }, signal })),
  });
  const filled = useQuery({
    queryKey: ['designer', 'try-inputs', table.inputs, run.context],
    enabled: opened && run.context !== undefined && table.inputs.length > 0,
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => (await take(api.POST('/expressions/preview', { body: { value: table.inputs, context: run.context ?? {} }, signal }))).result ?? null,
  });
  const before = filled.data;
  const said = asked ? answer.data : undefined;
  return {
    opened,
    open: setOpened,
    texts,
    type: (column, text) => {
      setTexts(table.inputs.map((_, at) => (at === column ? text : (texts[at] ?? ''))));
    },
    fill: Array.isArray(before) ? () => { setTexts(before.map((value) => outputText(value))); } : undefined,
    hits: new Map((said?.hits ?? []).map((row, at) => [row, at === 0 || table.hit !== 'first' ? 'counts' : 'holds'] as const)),
    output: said?.output,
    error: asked ? (said?.error ?? (answer.isError ? answer.error.message : undefined)) : undefined,
  };
}
