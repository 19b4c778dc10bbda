// From the event for compensation on an activity to the task that undoes it: dotted, as BPMN draws an association.

import { useInternalNode, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';

import { pathThrough } from '../graph/route';
import { undoLine } from '../graph/undo-line';
import { endOf } from './end-of';
import type { CanvasEdge, StepNode } from './flow-types';

export const UndoEdge = memo(function UndoEdge({ source, target }: EdgeProps<Extract<CanvasEdge, { type?: 'undo' }>>) {
  const from = useInternalNode<StepNode>(source);
  const to = useInternalNode<StepNode>(target);
  if (from === undefined || to === undefined) return null;
  return <path className="tkc-undo" d={pathThrough(undoLine(endOf(from).box, endOf(to).box), 8)} />;
});
