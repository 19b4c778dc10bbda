// Keeps React Flow's nodes and edges in step with the document. While a node is dragged its place lives here only; the
// document hears of it once, when it is let go.

import { applyNodeChanges, type EdgeChange, type NodeChange, type OnNodeDrag, type SelectionDragHandler } from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';

import { snapPlace } from '../graph/geometry';
import { around } from '../graph/query';
import type { GraphDocument, Point } from '../graph/types';
import { NOTHING_SELECTED, type CanvasEditing, type CanvasSelection } from './canvas-context';
import type { CanvasEdge, CanvasNode } from './flow-types';
import { edgeUnder, highlightEdge } from './edge-under';
import { toFlowEdges, toFlowNodes } from './to-flow';

interface Kept {
  graph: GraphDocument;
  selection: CanvasSelection;
  draggable: boolean;
  nodes: CanvasNode[];
  edges: CanvasEdge[];
}

function keep(graph: GraphDocument, selection: CanvasSelection, draggable: boolean, old?: Kept): Kept {
  return {
    graph,
    selection,
    draggable,
    nodes: toFlowNodes(graph, { draggable, selection }, old?.nodes ?? []),
    edges: toFlowEdges(graph, selection, old?.edges ?? []),
  };
}

function placesOf(nodes: readonly CanvasNode[]): Record<string, Point> {
  return Object.fromEntries(nodes.map((node) => [node.id, snapPlace(node.data.node.kind, node.position)]));
}

function onGrid(node: CanvasNode): CanvasNode {
  if (node.dragging !== true) return node;
  const position = snapPlace(node.data.node.kind, node.position);
  return position.x === node.position.x && position.y === node.position.y ? node : { ...node, position };
}

/** While an activity is dragged, the events on its border and what it holds go with it. */
function followed(before: Kept, nodes: CanvasNode[]): CanvasNode[] {
  const shifts = new Map<string, Point>();
  for (const [index, node] of nodes.entries()) {
    const old = before.nodes[index];
    if (node.dragging !== true || old === undefined || (old.position.x === node.position.x && old.position.y === node.position.y)) continue;
    const by = { x: node.position.x - old.position.x, y: node.position.y - old.position.y };
    for (const follower of before.graph.nodes) {
      if (follower.boundary?.on === node.id || around(before.graph, follower.id).includes(node.id)) shifts.set(follower.id, by);
    }
  }
  if (shifts.size === 0) return nodes;
  return nodes.map((node) => {
    const by = node.dragging === true ? undefined : shifts.get(node.id);
    return by === undefined ? node : { ...node, position: { x: node.position.x + by.x, y: node.position.y + by.y } };
  });
}

function merged(selected: readonly string[], changes: readonly { id: string; selected: boolean }[]): string[] {
  const next = new Set(selected);
  for (const change of changes) {
    if (change.selected) next.add(change.id);
    else next.delete(change.id);
  }
  return [...next];
}

function selectChanges(changes: readonly (NodeChange<CanvasNode> | EdgeChange<CanvasEdge>)[]): { id: string; selected: boolean }[] {
  return changes.flatMap((change) => (change.type === 'select' ? [{ id: change.id, selected: change.selected }] : []));
}

export interface FlowGraph {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  onNodesChange: (changes: NodeChange<CanvasNode>[]) => void;
  onEdgesChange: (changes: EdgeChange<CanvasEdge>[]) => void;
  onNodeDragStop: OnNodeDrag<CanvasNode>;
  onSelectionDragStop: SelectionDragHandler<CanvasNode>;
  drop: () => void;
}

export function useFlowGraph(
  graph: GraphDocument,
  selection: CanvasSelection,
  onSelect: ((selection: CanvasSelection) => void) | undefined,
  editing: CanvasEditing | undefined,
): FlowGraph {
  const draggable = editing !== undefined;
  const [kept, setKept] = useState(() => keep(graph, selection, draggable));
  let current = kept;
  if (kept.graph !== graph || kept.selection !== selection || kept.draggable !== draggable) {
    current = keep(graph, selection, draggable, kept);
    setKept(current);
  }
  // Nodes and edges report their selection one after another within one event; both must see what the other said.
  const pending = useRef<CanvasSelection | undefined>(undefined);
  const select = useCallback(
    (change: (before: CanvasSelection) => CanvasSelection) => {
      if (onSelect === undefined) return;
      const first = pending.current === undefined;
      pending.current = change(pending.current ?? selection);
      if (!first) return;
      queueMicrotask(() => {
        const next = pending.current;
        pending.current = undefined;
        if (next !== undefined) onSelect(next);
      });
    },
    [onSelect, selection],
  );
  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const picked = selectChanges(changes);
      if (picked.length > 0) select((before) => ({ ...before, nodes: merged(before.nodes, picked) }));
      const moves = changes.filter((change) => change.type === 'position' || change.type === 'dimensions');
      if (moves.length > 0) setKept((before) => ({ ...before, nodes: followed(before, applyNodeChanges(moves, before.nodes).map(onGrid)) }));
    },
    [select],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<CanvasEdge>[]) => {
      const picked = selectChanges(changes);
      if (picked.length > 0) select((before) => ({ ...before, edges: merged(before.edges, picked) }));
    },
    [select],
  );
  const moved = useCallback(
    (nodes: readonly CanvasNode[], at: Point | undefined) => {
      highlightEdge(undefined);
      const only = nodes.length === 1 ? nodes[0] : undefined;
      const edge = only === undefined || at === undefined ? undefined : edgeUnder(at);
      if (only !== undefined && edge !== undefined) editing?.onDropOnEdge(only.id, edge, placesOf(nodes));
      else editing?.onMove(placesOf(nodes));
    },
    [editing],
  );
  const onNodeDragStop = useCallback<OnNodeDrag<CanvasNode>>(
    (event, _node, nodes) => {
      moved(nodes, 'clientX' in event ? { x: event.clientX, y: event.clientY } : undefined);
    },
    [moved],
  );
  const onSelectionDragStop = useCallback<SelectionDragHandler<CanvasNode>>(
    (_event, nodes) => {
      moved(nodes, undefined);
    },
    [moved],
  );
  const drop = useCallback(() => onSelect?.(NOTHING_SELECTED), [onSelect]);
  return useMemo(
    () => ({ nodes: current.nodes, edges: current.edges, onNodesChange, onEdgesChange, onNodeDragStop, onSelectionDragStop, drop }),
    [current, onNodesChange, onEdgesChange, onNodeDragStop, onSelectionDragStop, drop],
  );
}
