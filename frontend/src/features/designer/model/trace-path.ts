// Plays the tokens along the path that shows a problem of the control flow, up to a step of it.

import type { Trace, TraceMark } from '@/shared/canvas/trace';
import { edgeById, incoming, nodeById } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';

import type { Problem } from './problems';

/** The flows that a node takes its tokens from: an event on a border takes those of its activity. */
function entriesOf(doc: GraphDocument, id: string): string[] {
  const node = nodeById(doc, id);
  return incoming(doc, node?.boundary?.on ?? id).map((edge) => edge.id);
}

/** How many tokens lie on each flow once the first flows of a path were taken. */
export function tokensAfter(doc: GraphDocument, path: readonly string[]): Map<string, number> {
  const tokens = new Map<string, number>();
  const add = (edge: string, by: number): void => {
    tokens.set(edge, Math.max(0, (tokens.get(edge) ?? 0) + by));
  };
  let giver: string | undefined;
  let given = new Set<string>();
  for (const id of path) {
    const from = edgeById(doc, id)?.from;
    if (from === undefined) continue;
    // Flows that leave a node one after another are one step of it, unless one of them comes again.
    if (from !== giver || given.has(id)) {
      given = new Set();
      const entries = entriesOf(doc, from).filter((edge) => (tokens.get(edge) ?? 0) > 0);
      const joins = nodeById(doc, from)?.kind === 'parallel_gateway' || nodeById(doc, from)?.kind === 'inclusive_gateway';
      for (const edge of joins ? entries : entries.slice(0, 1)) add(edge, -1);
    }
    giver = from;
    given.add(id);
    add(id, 1);
  }
  return tokens;
}

/** What a canvas draws when the first `step` flows of a path were taken. */
export function traceOf(doc: GraphDocument, problem: Pick<Problem, 'code' | 'node'>, path: readonly string[], step: number): Trace {
  const gone = path.slice(0, step);
  const tokens = tokensAfter(doc, gone);
  const edges: Record<string, TraceMark> = {};
  const counts: Record<string, number> = {};
  for (const id of gone) {
    edges[id] = 'taken';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  for (const [id, count] of tokens) if (count > 0) edges[id] = 'waits';
  const last = gone.at(-1);
  const ended = step >= path.length;
  if (last !== undefined && !ended) edges[last] = 'now';
  const joins = problem.code === 'sound.stuck' || problem.code === 'sound.never';
  if (ended && joins && problem.node !== undefined) for (const edge of incoming(doc, problem.node)) if ((tokens.get(edge.id) ?? 0) === 0) edges[edge.id] = 'missing';
  return { edges, counts, node: problem.node };
}
