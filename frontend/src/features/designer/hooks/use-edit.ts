// Editing what the panel shows: one step per intent; what is typed into one field while it has the focus is one step.

import { useMemo } from 'react';

import { updateEdge, updateNode } from '@/shared/graph/edit';
import type { GraphEdge, GraphNode } from '@/shared/graph/types';

import type { Label } from '../store/history';
import { useSession } from './designer-context';

export interface NodeEdit {
  /** `typing` names the field while it is typed into. */
  change: (label: Label, change: (node: GraphNode) => GraphNode, typing?: string) => void;
  endTyping: () => void;
}

export function useNodeEdit(id: string): NodeEdit {
  const { context } = useSession();
  return useMemo(
    () => ({
      change: (label, change, typing) => {
        const { doc, edit } = context.store.getState();
        edit({ label, doc: updateNode(doc, id, change), ...(typing !== undefined && { typing: `${id}${typing}` }) });
      },
      endTyping: () => {
        context.store.getState().endTyping();
      },
    }),
    [context, id],
  );
}

export interface EdgeEdit {
  change: (label: Label, change: Partial<Omit<GraphEdge, 'id' | 'from' | 'to'>>, typing?: string) => void;
  endTyping: () => void;
}

export function useEdgeEdit(id: string): EdgeEdit {
  const { context } = useSession();
  return useMemo(
    () => ({
      change: (label, change, typing) => {
        const { doc, edit } = context.store.getState();
        edit({ label, doc: updateEdge(doc, id, change), ...(typing !== undefined && { typing: `${id}${typing}` }) });
      },
      endTyping: () => {
        context.store.getState().endTyping();
      },
    }),
    [context, id],
  );
}
