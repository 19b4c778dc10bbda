// Names of the nodes and edges as React Flow knows them.

import type { Edge, Node } from '@xyflow/react';

import type { Shape } from '../graph/kinds';
import type { Color, GraphEdge, GraphNode, Note, Point } from '../graph/types';
import type { LoopHint } from '../graph/route';

/** Below, above, or, when flows use both tips, below and to the side where no flow runs. */
export type CaptionSide = 'below' | 'above' | 'before' | 'after';

export interface StepData extends Record<string, unknown> {
  node: GraphNode;
  /** Where the title of an event or gateway stands. */
  caption: CaptionSide;
  /** A flow may start here: "+" is offered. */
  open: boolean;
  /** It undoes what an activity did, and has no flows. */
  undoes: boolean;
}

export interface NoteData extends Record<string, unknown> {
  note: Note;
}

export interface GroupData extends Record<string, unknown> {
  id: string;
  title: string;
  color: Color | undefined;
  nodes: readonly string[];
  /** Where it stood before it was dragged. */
  origin: Point;
}

export interface EdgeData extends Record<string, unknown> {
  edge: GraphEdge;
  loop: LoopHint | undefined;
  /** It leaves a choice: conditions and the default are shown. */
  choice: boolean;
}

export type StepNode = Node<StepData, Shape>;
export type NoteNode = Node<NoteData, 'note'>;
export type GroupNode = Node<GroupData, 'group'>;
export type CanvasNode = StepNode | NoteNode | GroupNode;
/** A sequence flow, or the dotted line from an activity to what undoes it. */
export type CanvasEdge = Edge<EdgeData, 'flow'> | Edge<Record<string, never>, 'undo'>;
export type FlowEdgeType = Extract<CanvasEdge, { type?: 'flow' }>;
