// Actions that change the document: history, clipboard, removing, renaming.

import { copyFragment, parseFragment, pasteFragment, type Fragment, type IsSecret, type Pasted, type Where } from '@/shared/graph/clipboard';
import { removeEdges, removeNodes, removeNodesClosingGaps } from '@/shared/graph/edit';
import { boundsOf, GAP_Y } from '@/shared/graph/geometry';
import { isTask } from '@/shared/graph/kinds';
import { nodeById } from '@/shared/graph/query';
import { frameRef, noteRef } from '@/shared/graph/refs';
import { removeFrames, removeNotes } from '@/shared/graph/remarks';
import { withRoom } from '@/shared/graph/room';
import type { GraphDocument } from '@/shared/graph/types';

import type { Action } from './action';
import type { DesignerContext } from './context';
import { countSelected, hasCopyable, hasSelection, onlyFrame, onlyNode, onlyNote, selectedNodes, titleOfNode } from './selection';
import type { Label } from '../store/history';
import { focusField } from '../store/ui-store';

const OFFSET = 32;

function mayEdit(context: DesignerContext): boolean {
  return !context.readOnly;
}

function removed(context: DesignerContext, without: (doc: GraphDocument, ids: ReadonlySet<string>) => GraphDocument): GraphDocument {
  const { doc, selection } = context.store.getState();
  const unframed = removeFrames(removeNotes(doc, new Set(selection.notes)), new Set(selection.frames));
  return removeEdges(without(unframed, new Set(selection.nodes)), new Set(selection.edges));
}

function remove(context: DesignerContext, without: (doc: GraphDocument, ids: ReadonlySet<string>) => GraphDocument): void {
  const { selection, edit } = context.store.getState();
  const [first] = selection.nodes;
  const count = countSelected(context);
  const label: Label =
    count === 1 && first !== undefined
      ? { key: 'step.delete_node', params: { title: titleOfNode(context, first) } }
      : count === 1 && selection.notes !== undefined
        ? { key: 'step.delete_note' }
        : count === 1
          ? { key: 'step.unframe' }
          : count === 0
            ? { key: 'step.delete_edges', params: { count: selection.edges.length } }
            : { key: 'step.delete_nodes', params: { count } };
  edit({ label, doc: removed(context, without), selection: { nodes: [], edges: [] } });
}

/** Fields that a node type marks as secret: they are never copied, unless they only say where to read. */
function secretsOf(context: DesignerContext): IsSecret {
  const types = context.types();
  return (node, field) => {
    const properties = types[node.service?.type ?? '']?.input_schema.properties;
    const schema = typeof properties === 'object' && properties !== null && !Array.isArray(properties) ? properties[field] : undefined;
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false;
    return schema.writeOnly === true || schema.format === 'password' || schema.format === 'secret';
  };
}

function picked(context: DesignerContext): Fragment {
  const { doc, selection } = context.store.getState();
  return copyFragment(doc, selection, secretsOf(context));
}

export function copySelection(context: DesignerContext): string | undefined {
  return hasCopyable(context) ? JSON.stringify(picked(context), null, 2) : undefined;
}

export function cutSelection(context: DesignerContext): string | undefined {
  const text = copySelection(context);
  if (text === undefined) return undefined;
  const { edit } = context.store.getState();
  const label = { key: 'step.cut', params: { count: countSelected(context) } };
  edit({ label, doc: removed(context, removeNodesClosingGaps), selection: { nodes: [], edges: [] } });
  return text;
}

/** Below what is there, so that nothing is covered; what was copied from here is moved a little. */
function pasteWhere(context: DesignerContext, fragment: Fragment, doc: GraphDocument): Where {
  const ids = new Set([...doc.nodes.map((node) => node.id), ...(doc.notes ?? []).map((note) => note.id)]);
  if ([...fragment.nodes, ...fragment.notes].some((each) => ids.has(each.id))) {
    let times = 1;
    const taken = new Set([...Object.values(doc.layout.nodes ?? {}), ...(doc.notes ?? [])].map(({ x, y }) => `${String(x)} ${String(y)}`));
    const occupied = (by: number): boolean => [...Object.values(fragment.places), ...fragment.notes].some(({ x, y }) => taken.has(`${String(x + by)} ${String(y + by)}`));
    while (occupied(OFFSET * times) && times < 50) times++;
    return { offset: { x: OFFSET * times, y: OFFSET * times } };
  }
  const bounds = boundsOf(context.seen());
  const centre = context.canvas()?.centre() ?? { x: 0, y: 0 };
  return { corner: bounds === undefined ? centre : { x: bounds.x, y: bounds.y + bounds.height + GAP_Y * 2 } };
}

function paste(context: DesignerContext, fragment: Fragment, key: string): boolean {
  const { doc, edit } = context.store.getState();
  const host = onlyNode(context);
  const pasted: Pasted = pasteFragment(doc, fragment, pasteWhere(context, fragment, doc), {
    parent: context.ui.getState().view.level,
    host: host !== undefined && isTask(nodeById(doc, host)?.kind ?? 'start_event') ? host : undefined,
  });
  const count = pasted.ids.length + pasted.notes.length;
  if (count === 0) return false;
  edit({ label: { key, params: { count } }, doc: withRoom(doc, pasted.doc), selection: { nodes: pasted.ids, edges: [], ...(pasted.notes.length > 0 && { notes: pasted.notes }) } });
  const [first = noteRef(pasted.notes[0] ?? '')] = pasted.ids;
  requestAnimationFrame(() => context.canvas()?.show(first));
  return true;
}

export function pasteText(context: DesignerContext, text: string): boolean {
  const fragment = parseFragment(text);
  return fragment !== undefined && !context.readOnly && paste(context, fragment, 'step.paste');
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
    enabled: (context) => mayEdit(context) && hasCopyable(context),
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
    enabled: hasCopyable,
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
    enabled: (context) => mayEdit(context) && hasCopyable(context),
    run: (context) => {
      paste(context, picked(context), 'step.duplicate');
    },
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
    enabled: (context) => context.seen().nodes.length > 0,
    run: (context) => {
      const { nodes, notes = [] } = context.seen();
      const { doc, select } = context.store.getState();
      select({ nodes: nodes.filter((node) => nodeById(doc, node.id) !== undefined).map((node) => node.id), edges: [], ...(notes.length > 0 && { notes: notes.map((note) => note.id) }) });
    },
  },
  {
    id: 'rename',
    group: 'edit',
    keys: ['F2'],
    undo: 'step',
    enabled: (context) => mayEdit(context) && (onlyNode(context) ?? onlyNote(context) ?? onlyFrame(context)) !== undefined,
    run: (context) => {
      const [note, frame] = [onlyNote(context), onlyFrame(context)];
      if (note !== undefined) context.typeInto.setState({ ref: noteRef(note) });
      else if (frame !== undefined) context.typeInto.setState({ ref: frameRef(frame) });
      else focusField(context.ui, '/title');
    },
  },
];
