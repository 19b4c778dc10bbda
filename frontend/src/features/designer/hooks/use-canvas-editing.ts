// What is done on the canvas, as steps of the document.

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { CanvasEditing } from '@/shared/canvas/canvas-context';
import { canConnect } from '@/shared/graph/connect';
import { connect, reconnect, withPlaces } from '@/shared/graph/edit';
import { spliceExisting } from '@/shared/graph/insert';
import { relevelled, settled } from '@/shared/graph/levels';

import type { GraphDocument, Point } from '@/shared/graph/types';

import type { DesignerContext } from '../model/context';
import { insertItem } from '../model/insert-item';
import type { PaletteItem } from '../model/palette';
import { titleOfNode } from '../model/selection';
import type { Label } from '../store/history';
import { focusField } from '../store/ui-store';

/** Nodes where they were dropped, in the sub-process that stands there. */
function dropped(doc: GraphDocument, places: Record<string, Point>): GraphDocument {
  return relevelled(withPlaces(doc, settled(doc, places)), Object.keys(places));
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
        const { doc, edit } = store.getState();
        const count = Object.keys(places).length;
        const [id = ''] = Object.keys(places);
        const label: Label = count === 1 ? { key: 'step.move_node', params: { title: titleOfNode(context, id) } } : { key: 'step.move_nodes', params: { count } };
        edit({ label, doc: dropped(doc, places) });
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
        const { doc, edit } = store.getState();
        const moved = dropped(doc, places);
        const spliced = spliceExisting(moved, edge, node);
        const params = { title: titleOfNode(context, node) };
        edit(spliced === undefined ? { label: { key: 'step.move_node', params }, doc: moved } : { label: { key: 'step.splice', params }, doc: spliced });
      },
      onInsertOnEdge: (edge) => {
        ui.setState({ insert: { where: 'edge', edge } });
      },
      onInsertAfter: (node) => {
        ui.setState({ insert: { where: 'after', node } });
      },
      onConnectToNothing: (end, at) => {
        ui.setState({ insert: { where: 'end', ...end, at } });
      },
      onDropItem: (data, at, edge) => {
        const item = items.find((each) => each.id === data);
        if (item === undefined) return;
        const onEdge = edge === undefined ? undefined : insertItem(context, item, { where: 'edge', edge });
        if (onEdge === undefined) insertItem(context, item, { where: 'point', at });
      },
      onOpen: () => {
        focusField(ui, '');
      },
      onContextMenu: (at, target) => {
        const { select, selection } = store.getState();
        if (target.node !== undefined && !selection.nodes.includes(target.node)) select({ nodes: [target.node], edges: [] });
        if (target.edge !== undefined && !selection.edges.includes(target.edge)) select({ nodes: [], edges: [target.edge] });
        ui.setState({ menu: { at, ...target } });
      },
    };
  }, [context, items, t]);
}
