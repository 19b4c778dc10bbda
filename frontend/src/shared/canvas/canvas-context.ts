// What the parts of one canvas share: constant references only, so that a change of the graph redraws no other node.

import { createContext, use } from 'react';
import type { StoreApi } from 'zustand/vanilla';

import type { ConnectRefusal } from '../graph/connect';
import type { Box } from '../graph/geometry';
import type { Locale, NodeTypeMap } from '../graph/node-type';
import type { Point } from '../graph/types';
import type { RunStateStore } from './run-state';
import type { TraceStore } from './trace';

export interface CanvasSelection {
  nodes: readonly string[];
  edges: readonly string[];
  notes?: readonly string[];
  frames?: readonly string[];
}

export const NOTHING_SELECTED: CanvasSelection = { nodes: [], edges: [] };

export interface Mark {
  severity: 'error' | 'warning';
  count: number;
}

/** What was pressed with the right button; nothing is the canvas itself. */
export interface CanvasTarget {
  node?: string;
  edge?: string;
  note?: string;
  frame?: string;
}

/** What an editor lets people do on the canvas; absent on pages that only show. */
export interface CanvasEditing {
  /** undefined when the flow may be drawn; `replacing` is the edge whose end is being dragged. */
  refusal: (from: string, to: string, replacing?: string) => ConnectRefusal | undefined;
  /** The reason in the reader's language. */
  explain: (refusal: ConnectRefusal) => string;
  /** Things were dragged: nodes by their ids, notes and frames by their refs. */
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
  onDropItem: (data: string, at: Point, under: { edge?: string; node?: string }) => void;
  onOpen: (node: string) => void;
  onContextMenu?: (at: Point, target: CanvasTarget) => void;
  /** What is typed into a note, until `onTyped`. */
  onNoteText: (id: string, text: string) => void;
  onNoteBox: (id: string, box: Box) => void;
  onFrameTitle: (id: string, title: string) => void;
  onTyped: () => void;
  /** A note or the title of a frame that shall be typed into at once, as soon as it is there. */
  typeInto: StoreApi<{ ref: string | undefined }>;
}

/** Looking closer: folding is no change of the document, so it is there where nothing can be edited, too. */
export interface CanvasFolding {
  /** Folds or unfolds a sub-process (by its id) or a frame (by its ref). */
  onFold: (ref: string) => void;
  onEnter: (subProcess: string) => void;
}

export const DRAG_TYPE = 'application/x-taskurotta-node';

export interface CanvasShared {
  nodeTypes: NodeTypeMap;
  locale: Locale;
  runState: RunStateStore;
  pulses: StoreApi<{ edges: ReadonlySet<string> }>;
  marks: StoreApi<{ nodes: Readonly<Record<string, Mark>> }>;
  trace: TraceStore;
  editing: CanvasEditing | undefined;
  folding: CanvasFolding | undefined;
  /** Show "+" on every flow, not only on the one under the pointer. */
  plusEverywhere: boolean;
}

export const CanvasContext = createContext<CanvasShared | undefined>(undefined);

export function useCanvas(): CanvasShared {
  const shared = use(CanvasContext);
  if (shared === undefined) throw new Error('a part of the canvas is used outside of it');
  return shared;
}
