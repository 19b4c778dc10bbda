// Actions that put several nodes in order, and move what is selected a little.

import { align, distribute, type Alignment } from '@/shared/graph/arrange';
import { withPlaces } from '@/shared/graph/edit';
import { GRID } from '@/shared/graph/geometry';
import { moved } from '@/shared/graph/levels';
import { moveNotes, noteById } from '@/shared/graph/remarks';
import type { GraphDocument } from '@/shared/graph/types';

import type { Action } from './action';
import type { DesignerContext } from './context';
import { countSelected, hasCopyable, selectedNodes } from './selection';

function several(context: DesignerContext, least: number): boolean {
  return !context.readOnly && selectedNodes(context).length >= least;
}

function arrange(context: DesignerContext, key: string, change: (doc: GraphDocument, ids: readonly string[]) => GraphDocument): void {
  const { doc, edit } = context.store.getState();
  const ids = selectedNodes(context);
  context.ui.setState({ settling: true });
  edit({ label: { key, params: { count: ids.length } }, doc: change(doc, ids) });
}

function aligned(to: Alignment, keys: readonly string[]): Action {
  return {
    id: `align_${to}`,
    group: 'arrange',
    keys,
    undo: 'step',
    enabled: (context) => several(context, 2),
    run: (context) => {
      arrange(context, 'step.align', (doc, ids) => align(doc, ids, to));
    },
  };
}

function distributed(along: 'x' | 'y', keys: readonly string[]): Action {
  return {
    id: `distribute_${along}`,
    group: 'arrange',
    keys,
    undo: 'step',
    enabled: (context) => several(context, 3),
    run: (context) => {
      arrange(context, 'step.distribute', (doc, ids) => distribute(doc, ids, along));
    },
  };
}

/** Moves what is selected; one press after another is one step, as long as nothing else happens. */
function nudge(context: DesignerContext, dx: number, dy: number): void {
  const { doc, selection, edit } = context.store.getState();
  const framed = (doc.layout.frames ?? []).filter((frame) => selection.frames?.includes(frame.id)).flatMap((frame) => frame.nodes);
  const notes = Object.fromEntries(
    (selection.notes ?? []).flatMap((id) => {
      const note = noteById(doc, id);
      return note === undefined ? [] : [[id, { x: note.x + dx, y: note.y + dy }]];
    }),
  );
  const next = moveNotes(withPlaces(doc, moved(doc, new Set([...selection.nodes, ...framed]), dx, dy)), notes);
  edit({ label: { key: 'step.move_nodes', params: { count: countSelected(context) } }, doc: next, typing: `nudge ${JSON.stringify(selection)}` });
}

function nudged(direction: 'left' | 'right' | 'up' | 'down', key: string, dx: number, dy: number): Action {
  return {
    id: `nudge_${direction}`,
    group: 'arrange',
    keys: [`Alt+${key}`],
    undo: 'step',
    enabled: (context) => !context.readOnly && hasCopyable(context),
    run: (context) => {
      nudge(context, dx * GRID * 2, dy * GRID * 2);
    },
  };
}

export const ARRANGE_ACTIONS: readonly Action[] = [
  aligned('left', ['Alt+KeyL']),
  aligned('centre', ['Alt+KeyX']),
  aligned('right', ['Alt+KeyR']),
  aligned('top', ['Alt+KeyT']),
  aligned('middle', ['Alt+KeyY']),
  aligned('bottom', ['Alt+KeyB']),
  distributed('x', ['Alt+Shift+KeyX']),
  distributed('y', ['Alt+Shift+KeyY']),
  nudged('left', 'ArrowLeft', -1, 0),
  nudged('right', 'ArrowRight', 1, 0),
  nudged('up', 'ArrowUp', 0, -1),
  nudged('down', 'ArrowDown', 0, 1),
];
