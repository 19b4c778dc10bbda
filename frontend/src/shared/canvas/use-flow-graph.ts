// Keeps React Flow's nodes and edges in step with the document. While a node is dragged its place lives here only; the
// document hears of it once, when it is let go.

import { applyNodeChanges, type EdgeChange, type NodeChange, type OnNodeDrag, type SelectionDragHandler } from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';

import { snap, snapPlace } from '../graph/geometry';
import { borderOf, inside } from '../graph/query';
import { parseRef, type Ref } from '../graph/refs';
import type { GraphDocument, Point } from '../graph/types';
import { NOTHING_SELECTED, type CanvasEditing, type CanvasSelection } from './canvas-context';
import type { CanvasEdge, CanvasNode } from './flow-types';
import { edgeUnder, highlightEdge } from './edge-under';
import { isStep, toFlowEdges, toFlowNodes } from './to-flow';

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

function snapped(node: CanvasNode): Point {
  if (isStep(node)) return snapPlace(node.data.node.kind, node.position);
  if (node.type === 'note') return { x: snap(node.position.x), y: snap(node.position.y) };
  // A frame stands where its nodes are: it moves by whole steps of the grid.
  const { origin } = node.data;
  return { x: origin.x + snap(node.position.x - origin.x), y: origin.y + snap(node.position.y - origin.y) };
}

function placesOf(nodes: readonly CanvasNode[]): Record<string, Point> {
  return Object.fromEntries(nodes.map((node) => [node.id, snapped(node)]));
}

function onGrid(node: CanvasNode): CanvasNode {
  if (node.dragging !== true) return node;
  const position = snapped(node);
  return position.x === node.position.x && position.y === node.position.y ? node : { ...node, position };
}

/** What goes along with a dragged node: the events on its border, what it holds, the nodes of a frame. */
function followersOf(graph: GraphDocument, node: CanvasNode): string[] {
  if (node.type === 'note') return [];
  const heads = node.type === 'group' ? [...node.data.nodes] : [node.id];
  const held = heads.flatMap((id) => [id, ...inside(graph, id).map((each) => each.id)]);
  return [...held.filter((id) => id !== node.id), ...held.flatMap((id) => borderOf(graph, id).map((each) => each.id))];
}

function followed(before: Kept, nodes: CanvasNode[]): CanvasNode[] {
  const shifts = new Map<string, Point>();
  for (const [index, node] of nodes.entries()) {
    const old = before.nodes[index];
    if (node.dragging !== true || old === undefined || (old.position.x === node.position.x && old.position.y === node.position.y)) continue;
    const by = { x: node.position.x - old.position.x, y: node.position.y - old.position.y };
    for (const id of followersOf(before.graph, node)) shifts.set(id, by);
  }
  if (shifts.size === 0) return nodes;
  return nodes.map((node) => {
    const by = node.dragging === true ? undefined : shifts.get(node.id);
    return by === undefined ? node : { ...node, position: { x: node.position.x + by.x, y: node.position.y + by.y } };
  });
}

interface Picked {
  ref: string;
  selected: boolean;
}

function merged(ids: readonly string[] | undefined, changes: readonly Picked[]): string[] {
  const next = new Set(ids);
  for (const { ref, selected } of changes) {
    if (selected) next.add(ref);
    else next.delete(ref);
  }
  return [...next];
}

function ofKind(what: Ref['what'], changes: readonly Picked[]): Picked[] {
  return changes.flatMap(({ ref, selected }) => {
    const parsed = parseRef(ref);
    return parsed.what === what ? [{ ref: parsed.id, selected }] : [];
  });
}

function pickedNodes(selection: CanvasSelection, changes: readonly Picked[]): CanvasSelection {
  const notes = merged(selection.notes, ofKind('note', changes));
  const frames = merged(selection.frames, ofKind('frame', changes));
  return {
    nodes: merged(selection.nodes, ofKind('node', changes)),
    edges: selection.edges,
    ...(notes.length > 0 && { notes }),
    ...(frames.length > 0 && { frames }),
  };
}

function selectChanges(changes: readonly (NodeChange<CanvasNode> | EdgeChange<CanvasEdge>)[]): Picked[] {
  return changes.flatMap((change) => (change.type === 'select' ? [{ ref: change.id, selected: change.selected }] : []));
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
      if (picked.length > 0) select((before) => pickedNodes(before, picked));
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
      const edge = only === undefined || !isStep(only) || at === undefined ? undefined : edgeUnder(at);
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
