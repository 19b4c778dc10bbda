// What people do on the canvas, told to the editor in the words of the graph.

import { useReactFlow, type Connection, type Edge, type IsValidConnection, type OnConnectEnd, type OnNodeDrag, type OnReconnect } from '@xyflow/react';
import { useCallback, useMemo, useRef, type DragEvent, type KeyboardEvent, type MouseEvent, type TouchEvent } from 'react';

import { indexOf } from '../graph/graph-index';
import { nodeById } from '../graph/query';
import { parseRef } from '../graph/refs';
import type { GraphDocument, Point } from '../graph/types';
import { DRAG_TYPE, type CanvasSelection, type CanvasShared, type CanvasTarget } from './canvas-context';
import { edgeUnder, highlightEdge, nodeUnder } from './edge-under';
import type { CanvasEdge, CanvasNode } from './flow-types';

function pointOf(event: globalThis.MouseEvent | globalThis.TouchEvent | MouseEvent | TouchEvent): Point {
  if ('clientX' in event) return { x: event.clientX, y: event.clientY };
  const touch = event.changedTouches[0];
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}

function markPlus(edge: string, shown: boolean): void {
  document.querySelector(`.tkc-edge-plus[data-edge="${CSS.escape(edge)}"]`)?.classList.toggle('tkc-plus-shown', shown);
}

interface FlowEvents {
  onConnect: (connection: Connection) => void;
  onConnectEnd: OnConnectEnd;
  onReconnect: OnReconnect<CanvasEdge>;
  onReconnectStart: (event: unknown, edge: Edge) => void;
  onReconnectEnd: () => void;
  isValidConnection: IsValidConnection<CanvasEdge>;
  onEdgeMouseEnter: (event: MouseEvent, edge: Edge) => void;
  onEdgeMouseLeave: (event: MouseEvent, edge: Edge) => void;
  onNodeDoubleClick: (event: MouseEvent, node: CanvasNode) => void;
  onNodeContextMenu: (event: MouseEvent, node: CanvasNode) => void;
  onEdgeContextMenu: (event: MouseEvent, edge: Edge) => void;
  onPaneContextMenu: (event: MouseEvent | globalThis.MouseEvent) => void;
  onPaneClick: () => void;
  onNodeDrag: OnNodeDrag<CanvasNode>;
  onDragOver: (event: DragEvent) => void;
  onDragLeave: () => void;
  onDrop: (event: DragEvent) => void;
}

export interface CanvasEvents {
  flow: FlowEvents;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function useCanvasEvents(
  graph: GraphDocument,
  shared: CanvasShared,
  onSelect: ((selection: CanvasSelection) => void) | undefined,
  dropSelection: () => void,
): CanvasEvents {
  const { editing } = shared;
  const flow = useReactFlow();
  const reconnecting = useRef<string | undefined>(undefined);

  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, state) => {
      if (editing === undefined || state.isValid === true || state.fromHandle === null || reconnecting.current !== undefined) return;
      const at = pointOf(event);
      const own = state.fromHandle.nodeId;
      const forward = state.fromHandle.type === 'source';
      const over = nodeUnder(at);
      if (over === own) return;
      if (over !== undefined) {
        const [from, to] = forward ? [own, over] : [over, own];
        if (editing.refusal(from, to) === undefined) editing.onConnect(from, to);
        return;
      }
      editing.onConnectToNothing(forward ? { from: own } : { to: own }, flow.screenToFlowPosition(at));
    },
    [editing, flow],
  );

  const flowEvents = useMemo((): FlowEvents => {
    const menu = (event: MouseEvent | globalThis.MouseEvent, target: CanvasTarget): void => {
      if (editing?.onContextMenu === undefined) return;
      event.preventDefault();
      editing.onContextMenu({ x: event.clientX, y: event.clientY }, target);
    };
    const isolated = (id: string): boolean => {
      const index = indexOf(graph);
      return index.nodes.has(id) && !index.incoming.has(id) && !index.outgoing.has(id);
    };
    const targetOf = (ref: string): CanvasTarget => {
      const { what, id } = parseRef(ref);
      return { [what]: id };
    };
    return {
      onConnect: ({ source, target }) => editing?.onConnect(source, target),
      onConnectEnd,
      onReconnect: (edge, { source, target }) => editing?.onReconnect(edge.id, source, target),
      onReconnectStart: (_event, edge) => {
        reconnecting.current = edge.id;
      },
      onReconnectEnd: () => {
        reconnecting.current = undefined;
      },
      isValidConnection: ({ source, target }) => editing?.refusal(source, target, reconnecting.current) === undefined,
      onEdgeMouseEnter: (_event, edge) => {
        markPlus(edge.id, true);
      },
      onEdgeMouseLeave: (_event, edge) => {
        markPlus(edge.id, false);
      },
      onNodeDoubleClick: (_event, node) => {
        if (node.type === 'note' || node.type === 'group') return;
        if (parseRef(node.id).what === 'frame') shared.folding?.onFold(node.id);
        else if (nodeById(graph, node.id)?.kind === 'sub_process' && shared.folding !== undefined) shared.folding.onEnter(node.id);
        else editing?.onOpen(node.id);
      },
      onNodeContextMenu: (event, node) => {
        menu(event, targetOf(node.id));
      },
      onEdgeContextMenu: (event, edge) => {
        menu(event, { edge: edge.id });
      },
      onPaneContextMenu: (event) => {
        menu(event, {});
      },
      onPaneClick: dropSelection,
      onNodeDrag: (event, node) => {
        if (isolated(node.id)) highlightEdge(edgeUnder(pointOf(event)));
      },
      onDragOver: (event) => {
        if (editing === undefined || !event.dataTransfer.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        highlightEdge(edgeUnder({ x: event.clientX, y: event.clientY }));
      },
      onDragLeave: () => {
        highlightEdge(undefined);
      },
      onDrop: (event) => {
        highlightEdge(undefined);
        const data = event.dataTransfer.getData(DRAG_TYPE);
        if (editing === undefined || data === '') return;
        event.preventDefault();
        const at = { x: event.clientX, y: event.clientY };
        const [edge, node] = [edgeUnder(at), nodeUnder(at)];
        editing.onDropItem(data, flow.screenToFlowPosition(at), { ...(edge !== undefined && { edge }), ...(node !== undefined && { node }) });
      },
    };
  }, [editing, shared.folding, flow, graph, dropSelection, onConnectEnd]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      if (target?.classList.contains('react-flow__node') !== true) return;
      const id = target.getAttribute('data-id');
      if (id === null) return;
      // What "open" means is the page's business: it hears of the key after the selection.
      if (event.key === ' ') event.preventDefault();
      const ref = parseRef(id);
      onSelect?.(ref.what === 'node' ? { nodes: [ref.id], edges: [] } : { nodes: [], edges: [], [`${ref.what}s`]: [ref.id] });
    },
    [onSelect],
  );
  return useMemo(() => ({ flow: flowEvents, onKeyDown }), [flowEvents, onKeyDown]);
}
