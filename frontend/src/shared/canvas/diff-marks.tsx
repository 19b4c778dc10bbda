// How a graph differs from another one, on the canvas: a bar at the left side of a node, the colour of a flow.

import { IconMinus, IconPencil, IconPlus } from '@tabler/icons-react';
import { createContext, use } from 'react';
import { useTranslation } from 'react-i18next';

import type { GraphNode } from '../graph/types';

export type Change = 'added' | 'removed' | 'changed';

export interface DiffMarks {
  nodes: Readonly<Record<string, Change>>;
  edges: Readonly<Record<string, Change>>;
}

const NONE: DiffMarks = { nodes: {}, edges: {} };

export const DiffContext = createContext<DiffMarks>(NONE);

const ICONS = { added: IconPlus, removed: IconMinus, changed: IconPencil };

export function DiffBar({ node }: { node: GraphNode }) {
  const { t } = useTranslation('compare');
  const change = use(DiffContext).nodes[node.id];
  if (change === undefined) return null;
  const Icon = ICONS[change];
  return (
    <span className="tkc-diff" data-change={change} data-testid={`diff-${node.id}`} role="img" aria-label={t(`change.${change}`)} title={t(`change.${change}`)}>
      <Icon size={11} stroke={2.5} />
    </span>
  );
}

export function useEdgeChange(id: string): Change | undefined {
  return use(DiffContext).edges[id];
}
