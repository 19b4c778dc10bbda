// Goes to what a problem is about: brings it into view, selects it, gives its field the keyboard.

import { edgeById } from '@/shared/graph/query';

import type { DesignerContext } from './context';
import type { Problem } from './problems';
import { focusField } from '../store/ui-store';

/** The flows that show a problem of the control flow, in the order in which they are taken. */
export function pathOf(problem: Partial<Pick<Problem, 'params'>>): string[] {
  const text = problem.params?.path;
  if (typeof text !== 'string') return [];
  const path: unknown = JSON.parse(text);
  return Array.isArray(path) ? path.filter((id) => typeof id === 'string') : [];
}

export function goTo(context: DesignerContext, problem: Pick<Problem, 'node' | 'edge' | 'field'> & Partial<Pick<Problem, 'params'>>): void {
  const { doc, select } = context.store.getState();
  const path = pathOf(problem).filter((id) => edgeById(doc, id) !== undefined);
  if (path.length > 0) {
    select({ nodes: problem.node === undefined ? [] : [problem.node], edges: path });
    if (problem.node !== undefined) context.canvas()?.show(problem.node, { always: true });
    return;
  }
  if (problem.node !== undefined) {
    select({ nodes: [problem.node], edges: [] });
    context.canvas()?.show(problem.node, { always: true });
  } else if (problem.edge !== undefined) {
    select({ nodes: [], edges: [problem.edge] });
    const edge = edgeById(doc, problem.edge);
    if (edge !== undefined) context.canvas()?.show(edge.from, { always: true });
  } else {
    return;
  }
  focusField(context.ui, problem.field);
}
