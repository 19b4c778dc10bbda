// Names of the nodes and edges as React Flow knows them.

import type { Edge, Node } from '@xyflow/react';

import type { GraphEdge, GraphNode } from '../graph/types';
import type { LoopHint } from '../graph/route';

/** Below, above, or, when flows use both tips, below and to the side where no flow runs. */
export type CaptionSide = 'below' | 'above' | 'before' | 'after';

export interface NodeData extends Record<string, unknown> {
  node: GraphNode;
  /** Where the title of an event or gateway stands. */
  caption: CaptionSide;
  /** A flow may start here: "+" is offered. */
  open: boolean;
}

export interface EdgeData extends Record<string, unknown> {
  edge: GraphEdge;
  loop: LoopHint | undefined;
  /** It leaves an exclusive gateway: conditions and the default are shown. */
  choice: boolean;
}

export type CanvasNode = Node<NodeData, 'task' | 'event' | 'gateway'>;
export type CanvasEdge = Edge<EdgeData, 'flow'>;
