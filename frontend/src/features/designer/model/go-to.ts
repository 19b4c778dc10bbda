// Goes to what a problem is about: brings it into view, selects it, gives its field the keyboard.

import { edgeById } from '@/shared/graph/query';

import type { DesignerContext } from './context';
import type { Problem } from './problems';
import { focusField } from '../store/ui-store';

export function goTo(context: DesignerContext, problem: Pick<Problem, 'node' | 'edge' | 'field'>): void {
  const { doc, select } = context.store.getState();
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
