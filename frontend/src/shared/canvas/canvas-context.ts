// What the parts of one canvas share: constant references only, so that a change of the graph redraws no other node.

import { createContext, use } from 'react';
import type { StoreApi } from 'zustand/vanilla';

import type { ConnectRefusal } from '../graph/connect';
import type { Locale, NodeTypeMap } from '../graph/node-type';
import type { Point } from '../graph/types';
import type { RunStateStore } from './run-state';

export interface CanvasSelection {
  nodes: readonly string[];
  edges: readonly string[];
}

export const NOTHING_SELECTED: CanvasSelection = { nodes: [], edges: [] };

export interface Mark {
  severity: 'error' | 'warning';
  count: number;
}

/** What an editor lets people do on the canvas; absent on pages that only show. */
export interface CanvasEditing {
  /** undefined when the flow may be drawn; `replacing` is the edge whose end is being dragged. */
  refusal: (from: string, to: string, replacing?: string) => ConnectRefusal | undefined;
  /** The reason in the reader's language. */
  explain: (refusal: ConnectRefusal) => string;
  onMove: (places: Readonly<Record<string, Point>>) => void;
  onConnect: (from: string, to: string) => void;
  onReconnect: (edge: string, from: string, to: string) => void;
  /** A node was dropped on a wire. */
  onDropOnEdge: (node: string, edge: string, places: Readonly<Record<string, Point>>) => void;
  onInsertOnEdge: (edge: string) => void;
  onInsertAfter: (node: string) => void;
  /** A connection was dropped on empty canvas. */
  onConnectToNothing: (end: { from?: string; to?: string }, at: Point) => void;
  /** Something was dragged in from outside. */
  onDropItem: (data: string, at: Point, edge: string | undefined) => void;
  onOpen: (node: string) => void;
  onContextMenu?: (at: Point, target: { node?: string; edge?: string }) => void;
}

export const DRAG_TYPE = 'application/x-taskurotta-node';

export interface CanvasShared {
  nodeTypes: NodeTypeMap;
  locale: Locale;
  runState: RunStateStore;
  pulses: StoreApi<{ edges: ReadonlySet<string> }>;
  marks: StoreApi<{ nodes: Readonly<Record<string, Mark>> }>;
  editing: CanvasEditing | undefined;
  /** Show "+" on every flow, not only on the one under the pointer. */
  plusEverywhere: boolean;
}

export const CanvasContext = createContext<CanvasShared | undefined>(undefined);

export function useCanvas(): CanvasShared {
  const shared = use(CanvasContext);
  if (shared === undefined) throw new Error('a part of the canvas is used outside of it');
  return shared;
}
