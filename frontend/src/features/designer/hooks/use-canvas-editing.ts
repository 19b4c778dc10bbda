// What is done on the canvas, as steps of the document. The canvas shows a view; what it reports is brought back to the document.

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { CanvasEditing } from '@/shared/canvas/canvas-context';
import { canConnect } from '@/shared/graph/connect';
import { connect, reconnect, withPlaces } from '@/shared/graph/edit';
import { spliceExisting } from '@/shared/graph/insert';
import { isTask } from '@/shared/graph/kinds';
import { relevelled } from '@/shared/graph/levels';
import { edgeById, nodeById } from '@/shared/graph/query';
import { parseRef } from '@/shared/graph/refs';
import { withRoom } from '@/shared/graph/room';
import { frameById, reframed, updateFrame, updateNote } from '@/shared/graph/remarks';
import type { GraphDocument, Point } from '@/shared/graph/types';
import { draggedTo } from '@/shared/graph/view';

import type { DesignerContext } from '../model/context';
import { insertItem } from '../model/insert-item';
import type { PaletteItem } from '../model/palette';
import { actionById } from '../model/registry';
import { titleOfNode } from '../model/selection';
import type { Label } from '../store/history';

/** Things where they were dropped: nodes in the sub-process and in the frame that stand there. */
function dropped(context: DesignerContext, places: Readonly<Record<string, Point>>): GraphDocument {
  const { doc } = context.store.getState();
  const { view } = context.ui.getState();
  const seen = context.seen();
  const moved = draggedTo(doc, seen, places);
  const nodes = Object.keys(places).filter((ref) => parseRef(ref).what === 'node');
  const placed = relevelled(withPlaces(moved.doc, moved.places), nodes, seen, view.level);
  return reframed(doc, placed, nodes);
}

function moveLabel(context: DesignerContext, refs: readonly string[]): Label {
  const [first = ''] = refs;
  const { what, id } = parseRef(first);
  if (refs.length > 1) return { key: 'step.move_nodes', params: { count: refs.length } };
  if (what === 'note') return { key: 'step.move_note' };
  const title = what === 'frame' ? (frameById(context.store.getState().doc, id)?.title ?? '') : titleOfNode(context, id);
  return { key: 'step.move_node', params: { title } };
}

export function useCanvasEditing(context: DesignerContext, items: readonly PaletteItem[]): CanvasEditing {
  const { t } = useTranslation('designer');
  return useMemo((): CanvasEditing => {
    const { store, ui } = context;
    const joined = (from: string, to: string): { from: string; to: string } => ({ from: titleOfNode(context, from), to: titleOfNode(context, to) });
    return {
      refusal: (from, to, replacing) => {
        const answer = canConnect(store.getState().doc, from, to, replacing);
        return answer.legal ? undefined : answer.reason;
      },
      explain: (refusal) => t(`refusal.${refusal}`),
      onMove: (places) => {
        store.getState().edit({ label: moveLabel(context, Object.keys(places)), doc: dropped(context, places) });
      },
      onConnect: (from, to) => {
        const { doc, edit } = store.getState();
        const next = connect(doc, from, to);
        if (next.edge === undefined) return;
        edit({ label: { key: 'step.connect', params: joined(from, to) }, doc: next.doc, selection: { nodes: [], edges: [next.edge.id] } });
      },
      onReconnect: (edge, from, to) => {
        const { doc, edit } = store.getState();
        edit({ label: { key: 'step.reconnect', params: joined(from, to) }, doc: reconnect(doc, edge, from, to) });
      },
      onDropOnEdge: (node, edge, places) => {
        const { edit } = store.getState();
        const moved = dropped(context, places);
        const spliced = spliceExisting(moved, edge, node);
        const params = { title: titleOfNode(context, node) };
        ui.setState({ settling: spliced !== undefined });
        edit(spliced === undefined ? { label: { key: 'step.move_node', params }, doc: moved } : { label: { key: 'step.splice', params }, doc: withRoom(moved, spliced) });
      },
      onInsertOnEdge: (edge) => {
        // A flow to a folded frame is drawn there, and stays the flow that it is.
        if (edgeById(store.getState().doc, edge) !== undefined) ui.setState({ insert: { where: 'edge', edge } });
      },
      onInsertAfter: (node) => {
        ui.setState({ insert: { where: 'after', node } });
      },
      onConnectToNothing: (end, at) => {
        ui.setState({ insert: { where: 'end', ...end, at } });
      },
      onDropItem: (data, at, under) => {
        const item = items.find((each) => each.id === data);
        if (item === undefined) return;
        const host = nodeById(store.getState().doc, under.node);
        if (item.boundary !== undefined && host !== undefined && isTask(host.kind)) insertItem(context, item, { where: 'border', node: host.id });
        else if (under.edge === undefined || insertItem(context, item, { where: 'edge', edge: under.edge }) === undefined) insertItem(context, item, { where: 'point', at });
      },
      onOpen: () => {
        actionById('properties').run(context);
      },
      onContextMenu: (at, target) => {
        const { select, selection } = store.getState();
        const { node, edge, note, frame } = target;
        if (node !== undefined && !selection.nodes.includes(node)) select({ nodes: [node], edges: [] });
        if (edge !== undefined && !selection.edges.includes(edge)) select({ nodes: [], edges: [edge] });
        if (note !== undefined && selection.notes?.includes(note) !== true) select({ nodes: [], edges: [], notes: [note] });
        if (frame !== undefined && selection.frames?.includes(frame) !== true) select({ nodes: [], edges: [], frames: [frame] });
        ui.setState({ menu: { at, ...target } });
      },
      onNoteText: (id, text) => {
        const { doc, edit } = store.getState();
        edit({ label: { key: 'step.write_note' }, doc: updateNote(doc, id, { text }), typing: `note ${id}` });
      },
      onNoteBox: (id, box) => {
        const { doc, edit } = store.getState();
        edit({ label: { key: 'step.size_note' }, doc: updateNote(doc, id, box) });
      },
      onFrameTitle: (id, title) => {
        const { doc, edit } = store.getState();
        edit({ label: { key: 'step.rename', params: { title } }, doc: updateFrame(doc, id, { title }), typing: `frame ${id}` });
      },
      onTyped: () => {
        store.getState().endTyping();
      },
      typeInto: context.typeInto,
    };
  }, [context, items, t]);
}
