// Names of the nodes and edges as React Flow knows them.

import type { Edge, Node } from '@xyflow/react';

import type { Shape } from '../graph/kinds';
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
  /** It leaves a choice: conditions and the default are shown. */
  choice: boolean;
}

export type CanvasNode = Node<NodeData, Shape>;
export type CanvasEdge = Edge<EdgeData, 'flow'>;
