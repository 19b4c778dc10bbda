// Actions that change the document: history, clipboard, removing, renaming.

import { copyFragment, parseFragment, pasteFragment, type Fragment } from '@/shared/graph/clipboard';
import { removeEdges, removeNodes, removeNodesClosingGaps } from '@/shared/graph/edit';
import { boundsOf, GAP_Y } from '@/shared/graph/geometry';
import type { GraphDocument, Point } from '@/shared/graph/types';

import type { Action } from './action';
import type { DesignerContext } from './context';
import { hasSelection, onlyNode, selectedNodes, titleOfNode } from './selection';
import type { Label } from '../store/history';
import { focusField } from '../store/ui-store';

const OFFSET = 32;

function mayEdit(context: DesignerContext): boolean {
  return !context.readOnly;
}

function remove(context: DesignerContext, without: (doc: GraphDocument, ids: ReadonlySet<string>) => GraphDocument): void {
  const { doc, selection, edit } = context.store.getState();
  const nodes = new Set(selection.nodes);
  const next = removeEdges(without(doc, nodes), new Set(selection.edges));
  const [first] = selection.nodes;
  const label: Label =
    nodes.size === 1 && first !== undefined
      ? { key: 'step.delete_node', params: { title: titleOfNode(context, first) } }
      : nodes.size === 0
        ? { key: 'step.delete_edges', params: { count: selection.edges.length } }
        : { key: 'step.delete_nodes', params: { count: nodes.size } };
  edit({ label, doc: next, selection: { nodes: [], edges: [] } });
}

export function copySelection(context: DesignerContext): string | undefined {
  const nodes = selectedNodes(context);
  if (nodes.length === 0) return undefined;
  return JSON.stringify(copyFragment(context.store.getState().doc, new Set(nodes)), null, 2);
}

export function cutSelection(context: DesignerContext): string | undefined {
  const text = copySelection(context);
  if (text === undefined) return undefined;
  const { doc, selection, edit } = context.store.getState();
  const label = { key: 'step.cut', params: { count: selection.nodes.length } };
  edit({ label, doc: removeNodesClosingGaps(doc, selection.nodes), selection: { nodes: [], edges: [] } });
  return text;
}

/** Below what is there, so that nothing is covered; what was copied from here is moved a little. */
function pasteWhere(context: DesignerContext, fragment: Fragment, doc: GraphDocument): { offset: Point } | { corner: Point } {
  const ids = new Set(doc.nodes.map((node) => node.id));
  if (fragment.nodes.some((node) => ids.has(node.id))) {
    let times = 1;
    const occupied = (dx: number): boolean =>
      Object.values(fragment.places).some((place) => Object.values(doc.layout.nodes ?? {}).some((other) => other.x === place.x + dx && other.y === place.y + dx));
    while (occupied(OFFSET * times) && times < 50) times++;
    return { offset: { x: OFFSET * times, y: OFFSET * times } };
  }
  const bounds = boundsOf(doc);
  const centre = context.canvas()?.centre() ?? { x: 0, y: 0 };
  return { corner: bounds === undefined ? centre : { x: bounds.x, y: bounds.y + bounds.height + GAP_Y * 2 } };
}

export function pasteText(context: DesignerContext, text: string): boolean {
  const fragment = parseFragment(text);
  if (fragment === undefined || context.readOnly) return false;
  const { doc, edit } = context.store.getState();
  const pasted = pasteFragment(doc, fragment, pasteWhere(context, fragment, doc));
  edit({ label: { key: 'step.paste', params: { count: pasted.ids.length } }, doc: pasted.doc, selection: { nodes: pasted.ids, edges: [] } });
  return true;
}

function duplicate(context: DesignerContext): void {
  const { doc, selection, edit } = context.store.getState();
  const fragment = copyFragment(doc, new Set(selection.nodes));
  const pasted = pasteFragment(doc, fragment, pasteWhere(context, fragment, doc));
  edit({ label: { key: 'step.duplicate', params: { count: pasted.ids.length } }, doc: pasted.doc, selection: { nodes: pasted.ids, edges: [] } });
}

export const EDIT_ACTIONS: readonly Action[] = [
  {
    id: 'undo',
    group: 'history',
    keys: ['$mod+KeyZ'],
    undo: 'none',
    enabled: (context) => mayEdit(context) && context.store.getState().history.past.length > 0,
    run: (context) => {
      context.ui.setState({ settling: true });
      context.store.getState().undo();
    },
  },
  {
    id: 'redo',
    group: 'history',
    keys: ['$mod+KeyY', '$mod+Shift+KeyZ'],
    undo: 'none',
    enabled: (context) => mayEdit(context) && context.store.getState().history.future.length > 0,
    run: (context) => {
      context.ui.setState({ settling: true });
      context.store.getState().redo();
    },
  },
  {
    id: 'cut',
    group: 'edit',
    keys: ['$mod+KeyX'],
    undo: 'step',
    native: true,
    enabled: (context) => mayEdit(context) && selectedNodes(context).length > 0,
    run: (context) => {
      const text = cutSelection(context);
      if (text !== undefined) void navigator.clipboard.writeText(text);
    },
  },
  {
    id: 'copy',
    group: 'edit',
    keys: ['$mod+KeyC'],
    undo: 'none',
    native: true,
    enabled: (context) => selectedNodes(context).length > 0,
    run: (context) => {
      const text = copySelection(context);
      if (text !== undefined) void navigator.clipboard.writeText(text);
    },
  },
  {
    id: 'paste',
    group: 'edit',
    keys: ['$mod+KeyV'],
    undo: 'step',
    native: true,
    enabled: mayEdit,
    run: (context) => {
      void navigator.clipboard.readText().then((text) => pasteText(context, text));
    },
  },
  {
    id: 'duplicate',
    group: 'edit',
    keys: ['$mod+KeyD'],
    undo: 'step',
    enabled: (context) => mayEdit(context) && selectedNodes(context).length > 0,
    run: duplicate,
  },
  {
    id: 'delete',
    group: 'edit',
    keys: ['Delete', 'Backspace'],
    undo: 'step',
    enabled: (context) => mayEdit(context) && hasSelection(context),
    run: (context) => {
      remove(context, removeNodesClosingGaps);
    },
  },
  {
    id: 'delete_break',
    group: 'edit',
    keys: ['Shift+Delete'],
    undo: 'step',
    enabled: (context) => mayEdit(context) && selectedNodes(context).length > 0,
    run: (context) => {
      remove(context, removeNodes);
    },
  },
  {
    id: 'select_all',
    group: 'edit',
    keys: ['$mod+KeyA'],
    undo: 'none',
    enabled: (context) => context.store.getState().doc.nodes.length > 0,
    run: (context) => {
      const { doc, select } = context.store.getState();
      select({ nodes: doc.nodes.map((node) => node.id), edges: [] });
    },
  },
  {
    id: 'rename',
    group: 'edit',
    keys: ['F2'],
    undo: 'step',
    enabled: (context) => mayEdit(context) && onlyNode(context) !== undefined,
    run: (context) => {
      focusField(context.ui, '/title');
    },
  },
];
