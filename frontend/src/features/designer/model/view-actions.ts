// Actions that look, walk, open, insert.

import { canContinue } from '@/shared/graph/connect';
import { NOTHING_SELECTED } from '@/shared/canvas/canvas-context';
import { nodeById, startOf, walk, type Direction } from '@/shared/graph/query';

import type { Action } from './action';
import type { DesignerContext } from './context';
import { onlyEdge, onlyNode } from './selection';
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
  context.canvas()?.show(id, { focus: true });
}

function step(id: string, key: string, direction: Direction): Action {
  return {
    id,
    group: 'walk',
    keys: [key],
    undo: 'none',
    enabled: (context) => context.store.getState().doc.nodes.length > 0,
    run: (context) => {
      const { doc, selection } = context.store.getState();
      const current = selection.nodes.at(-1);
      const start = startOf(doc) ?? doc.nodes[0];
      const next = current === undefined ? start?.id : walk(doc, current, direction);
      if (next !== undefined) selectNode(context, next);
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
  {
    id: 'connect',
    group: 'insert',
    keys: ['KeyC'],
    undo: 'step',
    enabled: (context) => {
      const node = nodeById(context.store.getState().doc, onlyNode(context));
      return !context.readOnly && node !== undefined && node.kind !== 'end_event';
    },
    run: (context) => {
      context.ui.setState({ connectFrom: onlyNode(context) });
    },
  },
  step('walk_left', 'ArrowLeft', 'left'),
  step('walk_right', 'ArrowRight', 'right'),
  step('walk_up', 'ArrowUp', 'up'),
  step('walk_down', 'ArrowDown', 'down'),
  {
    id: 'open',
    group: 'walk',
    keys: ['Enter'],
    undo: 'none',
    enabled: (context) => onlyNode(context) !== undefined || onlyEdge(context) !== undefined,
    run: (context) => {
      focusField(context.ui, '');
    },
  },
  {
    id: 'leave',
    group: 'walk',
    keys: ['Escape'],
    undo: 'none',
    enabled: () => true,
    run: (context) => {
      context.store.getState().select(NOTHING_SELECTED);
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
