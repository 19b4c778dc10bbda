// Actions that look, walk, open, insert.

import { canContinue } from '@/shared/graph/connect';
import { NOTHING_SELECTED, type CanvasSelection } from '@/shared/canvas/canvas-context';
import { hasExit, takesEntry } from '@/shared/graph/kinds';
import { nodeById, startOf, undoneBy, walk, type Direction } from '@/shared/graph/query';
import { frameRef, noteRef, parseRef } from '@/shared/graph/refs';

import type { Action } from './action';
import type { DesignerContext } from './context';
import { stepProblem, stepTrace } from './go-to';
import { foldable, reveal, showLevel, toggleFold } from './looking';
import { hasSelection, onlyEdge, onlyFrame, onlyNode, onlyNote } from './selection';
import { focusField, type InsertTarget } from '../store/ui-store';

/** Where a new node goes when nobody said: into the selected flow, after the selected node, to the middle of the view. */
export function insertTarget(context: DesignerContext): InsertTarget {
  const { doc } = context.store.getState();
  const edge = onlyEdge(context);
  if (edge !== undefined) return { where: 'edge', edge };
  const node = onlyNode(context);
  if (node !== undefined && canContinue(doc, node)) return { where: 'after', node };
  return { where: 'point', at: context.canvas()?.centre() ?? { x: 0, y: 0 } };
}

export function selectNode(context: DesignerContext, id: string): void {
  context.store.getState().select({ nodes: [id], edges: [] });
  reveal(context, id, { focus: true });
}

function selectionOf(ref: string): CanvasSelection {
  const { what, id } = parseRef(ref);
  return what === 'node' ? { nodes: [id], edges: [] } : { nodes: [], edges: [], [`${what}s`]: [id] };
}

/** What the arrows walk on from: the last selected node, or the chip of a folded frame. */
function current(context: DesignerContext): string | undefined {
  const { selection } = context.store.getState();
  const frame = selection.frames?.at(-1);
  return selection.nodes.at(-1) ?? (frame === undefined ? undefined : frameRef(frame));
}

function step(id: string, key: string, direction: Direction): Action {
  return {
    id,
    group: 'walk',
    keys: [key],
    undo: 'none',
    enabled: (context) => context.seen().nodes.length > 0,
    run: (context) => {
      // While a path is shown, the same keys go along it.
      const { tracing } = context.ui.getState();
      if (tracing !== undefined && (direction === 'left' || direction === 'right')) {
        stepTrace(context, direction === 'right' ? 1 : -1);
        return;
      }
      const seen = context.seen();
      const from = current(context);
      const start = startOf(seen) ?? seen.nodes.find((node) => node.kind === 'start_event') ?? seen.nodes[0];
      const next = from === undefined || nodeById(seen, from) === undefined ? start?.id : walk(seen, from, direction);
      if (next === undefined) return;
      context.store.getState().select(selectionOf(next));
      context.canvas()?.show(next, { focus: true });
    },
  };
}

/** Takes the neighbour along: a selection grows by the keyboard. */
function extend(id: string, key: string, direction: Direction): Action {
  return {
    id,
    group: 'walk',
    keys: [`Shift+${key}`],
    undo: 'none',
    enabled: (context) => context.store.getState().selection.nodes.length > 0,
    run: (context) => {
      const { selection, select } = context.store.getState();
      const last = selection.nodes.at(-1);
      const next = last === undefined ? undefined : walk(context.seen(), last, direction);
      if (next === undefined || parseRef(next).what !== 'node') return;
      select({ ...selection, nodes: [...selection.nodes.filter((each) => each !== next), next] });
      context.canvas()?.show(next, { focus: true });
    },
  };
}

function beside(id: string, key: string, where: 'before' | 'above' | 'below'): Action {
  return {
    id,
    group: 'insert',
    keys: [`$mod+${key}`],
    undo: 'step',
    enabled: (context) => {
      const node = nodeById(context.store.getState().doc, onlyNode(context));
      return !context.readOnly && node !== undefined && takesEntry(node.kind) && undoneBy(context.store.getState().doc, node.id).length === 0;
    },
    run: (context) => {
      const node = onlyNode(context);
      if (node !== undefined) context.ui.setState({ insert: { where, node } });
    },
  };
}

export const VIEW_ACTIONS: readonly Action[] = [
  {
    id: 'insert',
    group: 'insert',
    keys: ['KeyN'],
    undo: 'step',
    enabled: (context) => !context.readOnly,
    run: (context) => {
      context.ui.setState({ insert: insertTarget(context) });
    },
  },
  {
    id: 'add_next',
    group: 'insert',
    keys: ['$mod+ArrowRight'],
    undo: 'step',
    enabled: (context) => {
      const node = onlyNode(context);
      return !context.readOnly && node !== undefined && canContinue(context.store.getState().doc, node);
    },
    run: (context) => {
      context.ui.setState({ insert: insertTarget(context) });
    },
  },
  beside('add_before', 'ArrowLeft', 'before'),
  beside('add_above', 'ArrowUp', 'above'),
  beside('add_below', 'ArrowDown', 'below'),
  {
    id: 'connect',
    group: 'insert',
    keys: ['KeyC'],
    undo: 'step',
    enabled: (context) => {
      const node = nodeById(context.store.getState().doc, onlyNode(context));
      return !context.readOnly && node !== undefined && hasExit(node.kind);
    },
    run: (context) => {
      const from = onlyNode(context);
      if (from !== undefined) context.ui.setState({ connect: { from } });
    },
  },
  {
    id: 'connect_from',
    group: 'insert',
    keys: ['Shift+KeyC'],
    undo: 'step',
    enabled: (context) => {
      const node = nodeById(context.store.getState().doc, onlyNode(context));
      return !context.readOnly && node !== undefined && takesEntry(node.kind);
    },
    run: (context) => {
      const to = onlyNode(context);
      if (to !== undefined) context.ui.setState({ connect: { to } });
    },
  },
  {
    id: 'replace',
    group: 'edit',
    keys: ['KeyR'],
    undo: 'step',
    enabled: (context) => !context.readOnly && onlyNode(context) !== undefined,
    run: (context) => {
      const node = onlyNode(context);
      if (node !== undefined) context.ui.setState({ insert: { where: 'replace', node } });
    },
  },
  step('walk_left', 'ArrowLeft', 'left'),
  step('walk_right', 'ArrowRight', 'right'),
  step('walk_up', 'ArrowUp', 'up'),
  step('walk_down', 'ArrowDown', 'down'),
  extend('extend_left', 'ArrowLeft', 'left'),
  extend('extend_right', 'ArrowRight', 'right'),
  extend('extend_up', 'ArrowUp', 'up'),
  extend('extend_down', 'ArrowDown', 'down'),
  {
    id: 'open',
    group: 'walk',
    keys: ['Enter'],
    undo: 'none',
    enabled: (context) => (onlyNode(context) ?? onlyEdge(context) ?? onlyNote(context) ?? onlyFrame(context)) !== undefined,
    run: (context) => {
      const [id, note, frame] = [onlyNode(context), onlyNote(context), onlyFrame(context)];
      if (note !== undefined) context.typeInto.setState({ ref: noteRef(note) });
      else if (frame !== undefined) toggleFold(context, frameRef(frame));
      else if (id !== undefined && nodeById(context.store.getState().doc, id)?.kind === 'sub_process') showLevel(context, id);
      else focusField(context.ui, '');
    },
  },
  {
    id: 'properties',
    group: 'walk',
    keys: ['Alt+Enter'],
    undo: 'none',
    enabled: hasSelection,
    run: (context) => {
      focusField(context.ui, '');
    },
  },
  {
    id: 'up_level',
    group: 'walk',
    keys: ['Shift+Enter'],
    undo: 'none',
    enabled: (context) => context.ui.getState().view.level !== undefined,
    run: (context) => {
      const { doc } = context.store.getState();
      showLevel(context, nodeById(doc, context.ui.getState().view.level)?.parent);
    },
  },
  {
    id: 'leave',
    group: 'walk',
    keys: ['Escape'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      if (context.ui.getState().tracing !== undefined) context.ui.setState({ tracing: undefined });
      else if (hasSelection(context)) context.store.getState().select(NOTHING_SELECTED);
      else if (context.ui.getState().dock) context.ui.setState({ dock: false });
    },
  },
  {
    id: 'find',
    group: 'walk',
    keys: ['$mod+KeyF'],
    undo: 'none',
    enabled: (context) => context.store.getState().doc.nodes.length > 0,
    run: (context) => {
      context.ui.setState({ dialog: 'find' });
    },
  },
  {
    id: 'fold',
    group: 'view',
    keys: ['KeyF'],
    undo: 'none',
    enabled: (context) => foldable(context) !== undefined,
    run: (context) => {
      const ref = foldable(context);
      if (ref !== undefined) toggleFold(context, ref);
    },
  },
  {
    id: 'fit',
    group: 'view',
    keys: ['Shift+Digit1'],
    undo: 'none',
    enabled: () => true,
    run: (context) => context.canvas()?.fit(),
  },
  {
    id: 'fit_selection',
    group: 'view',
    keys: ['Shift+Digit2'],
    undo: 'none',
    enabled: hasSelection,
    run: (context) => {
      const { selection, doc } = context.store.getState();
      const ends = doc.edges.filter((edge) => selection.edges.includes(edge.id)).flatMap((edge) => [edge.from, edge.to]);
      context.canvas()?.fitTo([...selection.nodes, ...ends, ...(selection.notes ?? []).map(noteRef), ...(selection.frames ?? []).map(frameRef)]);
    },
  },
  {
    id: 'actual_size',
    group: 'view',
    keys: ['Shift+Digit0'],
    undo: 'none',
    enabled: () => true,
    run: (context) => context.canvas()?.actualSize(),
  },
  {
    id: 'zoom_in',
    group: 'view',
    keys: ['Equal'],
    undo: 'none',
    enabled: () => true,
    run: (context) => context.canvas()?.zoomIn(),
  },
  {
    id: 'zoom_out',
    group: 'view',
    keys: ['Minus'],
    undo: 'none',
    enabled: () => true,
    run: (context) => context.canvas()?.zoomOut(),
  },
  {
    id: 'tidy',
    group: 'document',
    keys: ['Shift+KeyT'],
    undo: 'step',
    enabled: (context) => !context.readOnly && context.store.getState().doc.nodes.length > 1,
    run: (context) => {
      context.tidy();
    },
  },
  {
    id: 'save',
    group: 'document',
    keys: ['$mod+KeyS'],
    undo: 'none',
    enabled: (context) => !context.readOnly,
    run: (context) => {
      context.save();
    },
  },
  {
    id: 'publish',
    group: 'document',
    keys: ['$mod+Enter'],
    undo: 'none',
    enabled: (context) => context.mayPublish,
    run: (context) => {
      context.ui.setState({ dialog: 'publish' });
    },
  },
  {
    id: 'test',
    group: 'document',
    keys: ['KeyT'],
    undo: 'none',
    enabled: (context) => !context.readOnly,
    run: (context) => {
      context.ui.setState({ dialog: 'test' });
    },
  },
  {
    id: 'variables',
    group: 'document',
    keys: ['KeyD'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      context.ui.setState((state) => ({ variables: !state.variables }));
    },
  },
  {
    id: 'problems',
    group: 'document',
    keys: ['KeyP'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      context.ui.setState((state) => ({ dock: !state.dock }));
    },
  },
  {
    id: 'next_problem',
    group: 'document',
    keys: ['F8'],
    undo: 'none',
    enabled: (context) => context.problems().length > 0,
    run: (context) => {
      stepProblem(context, 1);
    },
  },
  {
    id: 'previous_problem',
    group: 'document',
    keys: ['Shift+F8'],
    undo: 'none',
    enabled: (context) => context.problems().length > 0,
    run: (context) => {
      stepProblem(context, -1);
    },
  },
  {
    id: 'versions',
    group: 'document',
    keys: ['KeyV'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      context.ui.setState({ versions: true });
    },
  },
  {
    id: 'commands',
    group: 'document',
    keys: ['$mod+Shift+KeyP', 'Slash'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      context.ui.setState({ dialog: 'commands' });
    },
  },
  {
    id: 'tour',
    group: 'document',
    keys: [],
    undo: 'none',
    enabled: (context) => !context.readOnly,
    run: (context) => {
      context.ui.setState({ tour: 0 });
    },
  },
  {
    id: 'help',
    group: 'document',
    keys: ['Shift+Slash', 'F1'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      context.ui.setState({ dialog: 'help' });
    },
  },
];
