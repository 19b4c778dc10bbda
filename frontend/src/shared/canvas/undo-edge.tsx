// From an activity to the task that undoes it: dotted, as BPMN draws an association.

import { useInternalNode, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';

import { pathThrough, routeEdge } from '../graph/route';
import { endOf } from './end-of';
import type { CanvasEdge, StepNode } from './flow-types';

export const UndoEdge = memo(function UndoEdge({ source, target }: EdgeProps<Extract<CanvasEdge, { type?: 'undo' }>>) {
  const from = useInternalNode<StepNode>(source);
  const to = useInternalNode<StepNode>(target);
  if (from === undefined || to === undefined) return null;
  return <path className="tkc-undo" d={pathThrough(routeEdge(endOf(from), endOf(to)).points, 8)} />;
});
