// A document as ELK's layered algorithm takes it, and its answer as places. The author's order of branches is kept.

import type { ELK, ElkNode } from 'elkjs/lib/elk-api';

import { boundsOf, outline, placeOf, sizeOf, snapPlace } from '@/shared/graph/geometry';
import type { GraphDocument, Point } from '@/shared/graph/types';

const OPTIONS: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.spacing.nodeNode': '56',
  'elk.spacing.edgeNode': '32',
  'elk.layered.spacing.nodeNodeBetweenLayers': '88',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'false',
  'elk.layered.feedbackEdges': 'true',
};

export function toElk(doc: GraphDocument): ElkNode {
  const order = [...doc.nodes].sort((a, b) => placeOf(doc, a.id).y - placeOf(doc, b.id).y);
  return {
    id: 'root',
    layoutOptions: OPTIONS,
    children: order.map((node) => {
      const { width, height } = outline(node.kind, { x: 0, y: 0 });
      // Flows begin and end at the middle of a side, wherever they come from: fixed ports keep rows in line.
      const ports = [
        { id: `${node.id}.in`, x: 0, y: height / 2, width: 0, height: 0, layoutOptions: { 'elk.port.side': 'WEST' } },
        { id: `${node.id}.out`, x: width, y: height / 2, width: 0, height: 0, layoutOptions: { 'elk.port.side': 'EAST' } },
      ];
      return { id: node.id, width, height, ports, layoutOptions: { 'elk.portConstraints': 'FIXED_POS' } };
    }),
    edges: doc.edges.map((edge) => ({ id: edge.id, sources: [`${edge.from}.out`], targets: [`${edge.to}.in`] })),
  };
}

/** Places from ELK's answer, with the top left corner of the whole where the author had it. */
export function fromElk(doc: GraphDocument, answer: ElkNode): Record<string, Point> {
  const bounds = boundsOf(doc) ?? { x: 0, y: 0 };
  const places: Record<string, Point> = {};
  const found = new Map((answer.children ?? []).map((child) => [child.id, child]));
  const left = Math.min(...[...found.values()].map((child) => child.x ?? 0));
  const top = Math.min(...[...found.values()].map((child) => child.y ?? 0));
  for (const node of doc.nodes) {
    const child = found.get(node.id);
    if (child === undefined) continue;
    const { width, height } = sizeOf(node.kind);
    const centre = { x: (child.x ?? 0) - left + (child.width ?? 0) / 2 + bounds.x, y: (child.y ?? 0) - top + (child.height ?? 0) / 2 + bounds.y };
    places[node.id] = snapPlace(node.kind, { x: centre.x - width / 2, y: centre.y - height / 2 });
  }
  return places;
}

const DEADLINE_MS = 15_000;

/** Lays the graph out in a worker; undefined when it took too long. */
export async function tidyPlaces(doc: GraphDocument): Promise<Record<string, Point> | undefined> {
  const [{ default: Elk }, { default: workerUrl }] = await Promise.all([import('elkjs/lib/elk-api'), import('elkjs/lib/elk-worker.min.js?url')]);
  const elk: ELK = new Elk({ workerFactory: () => new Worker(workerUrl) });
  const late = new Promise<undefined>((resolve) => {
    setTimeout(resolve, DEADLINE_MS);
  });
  try {
    const answer = await Promise.race([elk.layout(toElk(doc)), late]);
    return answer === undefined ? undefined : fromElk(doc, answer);
  } finally {
    elk.terminateWorker();
  }
}
