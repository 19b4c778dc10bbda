// Goes to what a problem is about: brings it into view, selects it, gives its field the keyboard. A problem of the control
// flow is shown as the path that leads to it.

import { edgeById } from '@/shared/graph/query';
import { revealing } from '@/shared/graph/view';
import type { GraphDocument } from '@/shared/graph/types';

import type { DesignerContext } from './context';
import { reveal } from './looking';
import type { Problem } from './problems';
import { focusField } from '../store/ui-store';

/** The flows that show a problem of the control flow, in the order in which they are taken. */
export function pathOf(problem: Partial<Pick<Problem, 'params'>>): string[] {
  const text = problem.params?.path;
  if (typeof text !== 'string') return [];
  const path: unknown = JSON.parse(text);
  return Array.isArray(path) ? path.filter((id) => typeof id === 'string') : [];
}

/** The part of the path that the document still has. */
export function knownPath(doc: GraphDocument, problem: Partial<Pick<Problem, 'params'>>): string[] {
  return pathOf(problem).filter((id) => edgeById(doc, id) !== undefined);
}

function showPath(context: DesignerContext, problem: Problem, path: readonly string[]): void {
  const { doc, select } = context.store.getState();
  const nodes = new Set(path.flatMap((id) => [edgeById(doc, id)?.from ?? '', edgeById(doc, id)?.to ?? '']));
  if (problem.node !== undefined) nodes.add(problem.node);
  let { view } = context.ui.getState();
  for (const id of nodes) view = revealing(doc, view, id);
  context.ui.setState({ view, tracing: { problem: problem.id, step: 0 } });
  select({ nodes: problem.node === undefined ? [] : [problem.node], edges: [] });
  requestAnimationFrame(() => context.canvas()?.fitTo([...nodes]));
}

export function goTo(context: DesignerContext, problem: Problem): void {
  const { doc, select } = context.store.getState();
  context.ui.setState({ problem: problem.id, tracing: undefined });
  const path = knownPath(doc, problem);
  if (path.length > 0) {
    showPath(context, problem, path);
    return;
  }
  if (problem.node !== undefined) {
    select({ nodes: [problem.node], edges: [] });
    reveal(context, problem.node, { always: true });
  } else if (problem.edge !== undefined) {
    select({ nodes: [], edges: [problem.edge] });
    const edge = edgeById(doc, problem.edge);
    if (edge !== undefined) reveal(context, edge.from, { always: true });
  } else {
    return;
  }
  focusField(context.ui, problem.field);
  if (problem.node !== undefined && /^\/decision\/(rules|inputs|outputs|input_columns|output_columns)/.test(problem.field)) {
    context.ui.setState({ table: { node: problem.node, field: problem.field } });
  }
  if (problem.node !== undefined && /^\/(start\/input_schema|user\/form)\//.test(problem.field)) {
    context.ui.setState({ form: { node: problem.node, field: problem.field } });
  }
}

/** Goes to the problem after or before the one that was last gone to. */
export function stepProblem(context: DesignerContext, by: 1 | -1): void {
  const problems = context.problems();
  const at = problems.findIndex((problem) => problem.id === context.ui.getState().problem);
  const next = problems[at < 0 ? (by === 1 ? 0 : problems.length - 1) : (at + by + problems.length) % problems.length];
  if (next !== undefined) goTo(context, next);
}

/** Takes one flow more, or one less, of the path that is shown; false at its end. */
export function stepTrace(context: DesignerContext, by: 1 | -1): boolean {
  const { tracing } = context.ui.getState();
  const problem = context.problems().find((each) => each.id === tracing?.problem);
  if (tracing === undefined || problem === undefined) return false;
  const { length } = knownPath(context.store.getState().doc, problem);
  const step = Math.min(length, Math.max(0, tracing.step + by));
  if (step === tracing.step) return false;
  context.ui.setState({ tracing: { ...tracing, step } });
  return true;
}
