// The table of a node and its changes, each a step that can be undone, with a name.

import { useCallback, useMemo } from 'react';

import type { DecisionTask, GraphNode } from '@/shared/graph/types';

import { useProblems } from '../hooks/designer-context';
import { useNodeEdit } from '../hooks/use-edit';
import type { Problem } from '../model/problems';

export const NO_TABLE: DecisionTask = { hit: 'unique', inputs: [], outputs: [], rules: [] };

export interface TableEdit {
  table: DecisionTask;
  change: (step: string, change: (table: DecisionTask) => DecisionTask | undefined, params?: Record<string, string | number>, typing?: string) => void;
  endTyping: () => void;
}

export function useTable(node: GraphNode): TableEdit {
  const { change, endTyping } = useNodeEdit(node.id);
  const { title } = node;
  const changeTable = useCallback<TableEdit['change']>(
    (step, next, params, typing) => {
      change(
        { key: `step.table_${step}`, params: { title, ...params } },
        (each) => {
          const table = each.decision ?? NO_TABLE;
          const changed = next(table);
          return changed === undefined || changed === table ? each : { ...each, decision: changed };
        },
        typing,
      );
    },
    [change, title],
  );
  return { table: node.decision ?? NO_TABLE, change: changeTable, endTyping };
}

/** What is wrong with the cells of each row, by "when/0", "then/1", or "" for the rule itself. */
export function useRowProblems(node: string): ReadonlyMap<number, ReadonlyMap<string, Problem>> {
  const problems = useProblems();
  return useMemo(() => {
    const rows = new Map<number, Map<string, Problem>>();
    for (const problem of problems) {
      const place = problem.node === node ? /^\/decision\/rules\/(\d+)(?:\/((?:when|then)\/\d+))?/.exec(problem.field) : null;
      if (place === null) continue;
      const row = rows.get(Number(place[1])) ?? new Map<string, Problem>();
      rows.set(Number(place[1]), row);
      if (!row.has(place[2] ?? '')) row.set(place[2] ?? '', problem);
    }
    return rows;
  }, [problems, node]);
}
