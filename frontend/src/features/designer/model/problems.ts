// What is wrong with the document, as cards, dock and fields show it. The server finds; this file sorts and tells apart.

import type { Mark } from '@/shared/canvas/canvas-context';
import type { Issue } from '@/shared/api/problem';
import { foldOf } from '@/shared/graph/fold';
import { around, frameOf, nodeById } from '@/shared/graph/query';
import { frameRef } from '@/shared/graph/refs';
import type { GraphDocument } from '@/shared/graph/types';

export interface Problem {
  id: string;
  severity: 'error' | 'warning';
  code: string;
  /** The server's words, for codes that have no text of their own. */
  message: string;
  node?: string;
  edge?: string;
  /** JSON pointer inside the node or edge. */
  field: string;
  params: Record<string, string | number>;
}

function plain(params: Issue['params']): Record<string, string | number> {
  const entries = Object.entries(params ?? {}).map(([key, value]): [string, string | number] => [
    key,
    typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(entries);
}

/** "/nodes/3/service/input/file" is about node 3: the rest of the pointer names the field. */
function locate(path: string, doc: GraphDocument): { node?: string; edge?: string; field: string } | undefined {
  const match = /^\/?(nodes|edges)[/.](\d+)(.*)$/.exec(path.replace(/^body[/.]/, ''));
  if (match === null) return undefined;
  const [, list, index = '', rest = ''] = match;
  const field = rest.replaceAll('.', '/');
  const id = (list === 'nodes' ? doc.nodes : doc.edges)[Number(index)]?.id;
  if (id === undefined) return undefined;
  return list === 'nodes' ? { node: id, field } : { edge: id, field };
}

export function problemsFrom(issues: readonly Issue[], checked: GraphDocument, current: GraphDocument): Problem[] {
  const nodes = new Set(current.nodes.map((node) => node.id));
  const edges = new Set(current.edges.map((edge) => edge.id));
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const issue of issues) {
    const pointed = locate(issue.path ?? '', checked);
    const named = issue.node !== undefined && issue.node !== '' ? { node: issue.node } : issue.edge !== undefined && issue.edge !== '' ? { edge: issue.edge } : undefined;
    const where: { node?: string; edge?: string; field: string } = { ...(named ?? pointed), field: issue.field ?? pointed?.field ?? '' };
    if ((where.node !== undefined && !nodes.has(where.node)) || (where.edge !== undefined && !edges.has(where.edge))) continue;
    const id = [issue.code, where.node ?? '', where.edge ?? '', where.field, issue.message].join('|');
    if (seen.has(id)) continue;
    seen.add(id);
    problems.push({ id, severity: issue.severity ?? 'error', code: issue.code, message: issue.message, params: plain(issue.params), ...where });
  }
  return problems.sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

/** The badge of each node; a problem of a flow is shown on the gateway that it leaves. */
export function marksFrom(problems: readonly Problem[], doc: GraphDocument): Record<string, Mark> {
  const from = new Map(doc.edges.map((edge) => [edge.id, edge.from]));
  const marks: Record<string, Mark> = {};
  for (const problem of problems) {
    const id = problem.node ?? (problem.edge === undefined ? undefined : from.get(problem.edge));
    if (id === undefined) continue;
    const mark = marks[id];
    marks[id] = { severity: mark?.severity === 'error' ? 'error' : problem.severity, count: (mark?.count ?? 0) + 1 };
  }
  return marks;
}

/** What a folded sub-process or frame hides, shows on it. */
export function marksOnFolds(marks: Readonly<Record<string, Mark>>, doc: GraphDocument, seen: GraphDocument): Readonly<Record<string, Mark>> {
  if (seen === doc) return marks;
  const shown = new Set(seen.nodes.map((node) => node.id));
  const folds = new Map(seen.nodes.filter((node) => foldOf(node) !== undefined).map((node) => [node.id, node]));
  if (folds.size === 0) return marks;
  const next: Record<string, Mark> = { ...marks };
  for (const [id, mark] of Object.entries(marks)) {
    if (shown.has(id)) continue;
    const host = nodeById(doc, id)?.boundary?.on ?? id;
    const levels = [host, ...around(doc, host)];
    const at = levels.flatMap((level) => [level, frameRef(frameOf(doc, level)?.id ?? '')]).find((ref) => folds.has(ref));
    if (at === undefined) continue;
    const own = next[at];
    next[at] = { severity: own?.severity === 'error' ? 'error' : mark.severity, count: (own?.count ?? 0) + mark.count };
  }
  return next;
}

export interface ProblemGroup {
  node: string | undefined;
  problems: Problem[];
}

export function groupByNode(problems: readonly Problem[], doc: GraphDocument): ProblemGroup[] {
  const from = new Map(doc.edges.map((edge) => [edge.id, edge.from]));
  const groups = new Map<string | undefined, Problem[]>();
  for (const problem of problems) {
    const id = problem.node ?? (problem.edge === undefined ? undefined : from.get(problem.edge));
    const list = groups.get(id);
    if (list === undefined) groups.set(id, [problem]);
    else list.push(problem);
  }
  return [...groups].map(([node, list]) => ({ node, problems: list }));
}

/** The problems of one field: of it, or of something inside it. */
export function problemsOfField(problems: readonly Problem[], owner: { node?: string; edge?: string }, field: string): Problem[] {
  return problems.filter(
    (problem) =>
      problem.field !== '' &&
      (owner.node === undefined ? problem.edge === owner.edge : problem.node === owner.node) &&
      (problem.field === field || problem.field.startsWith(`${field}/`)),
  );
}
