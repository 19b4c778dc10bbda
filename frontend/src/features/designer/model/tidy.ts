// A document as ELK's layered algorithm takes it, and its answer as places. The author's order of branches is kept.

import type { ELK, ElkNode, ElkPort } from 'elkjs/lib/elk-api';

import { boundsOf, boxOf, outline, sizeOf, snapPlace } from '@/shared/graph/geometry';
import { borderOf, nodeById } from '@/shared/graph/query';
import type { GraphDocument, GraphNode, Point } from '@/shared/graph/types';

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

/** A sub-process is laid out by itself, and leaves room for its title. */
const FRAME_OPTIONS: Readonly<Record<string, string>> = { ...OPTIONS, 'elk.padding': '[top=64,left=44,bottom=56,right=44]' };

export function toElk(doc: GraphDocument): ElkNode {
  const known = new Set(doc.nodes.filter((node) => node.kind === 'sub_process').map((node) => node.id));
  const levelOf = (node: GraphNode | undefined): string | undefined => (node?.parent !== undefined && known.has(node.parent) ? node.parent : undefined);
  // A flow that leaves an event on a border leaves its activity by another port.
  const standing = (id: string): { id: string; port: string } => {
    const host = nodeById(doc, id)?.boundary?.on;
    return host === undefined ? { id, port: `${id}.out` } : { id: host, port: `${id}.border` };
  };
  const level = (parent: string | undefined): Pick<ElkNode, 'children' | 'edges'> => {
    const nodes = doc.nodes.filter((node) => node.boundary === undefined && levelOf(node) === parent);
    const order = nodes.sort((a, b) => boxOf(doc, a).y - boxOf(doc, b).y);
    return {
      children: order.map((node) => elkNode(doc, node, level)),
      edges: doc.edges
        .filter((edge) => levelOf(nodeById(doc, standing(edge.from).id)) === parent && nodeById(doc, edge.to) !== undefined)
        .map((edge) => ({ id: edge.id, sources: [standing(edge.from).port], targets: [`${edge.to}.in`] })),
    };
  };
  return { id: 'root', layoutOptions: OPTIONS, ...level(undefined) };
}

function elkNode(doc: GraphDocument, node: GraphNode, level: (parent: string) => Pick<ElkNode, 'children' | 'edges'>): ElkNode {
  const { width, height } = outline(node.kind, { x: 0, y: 0 });
  const held = node.kind === 'sub_process' ? level(node.id) : undefined;
  const frame = held?.children !== undefined && held.children.length > 0;
  // Flows begin and end at the middle of a side, wherever they come from: fixed ports keep rows in line.
  const port = (id: string, x: number, y: number, side: string): ElkPort => ({ id, x, y, width: 0, height: 0, layoutOptions: { 'elk.port.side': side } });
  return {
    id: node.id,
    ...(frame ? { ...held, layoutOptions: FRAME_OPTIONS } : { width, height, layoutOptions: { 'elk.portConstraints': 'FIXED_POS' } }),
    ports: [
      port(`${node.id}.in`, 0, height / 2, 'WEST'),
      port(`${node.id}.out`, width, height / 2, 'EAST'),
      ...borderOf(doc, node.id).map((event, index) => port(`${event.id}.border`, width - 38 - index * 52, height, 'SOUTH')),
    ],
  };
}

/** Places from ELK's answer, with the top left corner of the whole where the author had it. */
export function fromElk(doc: GraphDocument, answer: ElkNode): Record<string, Point> {
  const bounds = boundsOf(doc) ?? { x: 0, y: 0 };
  const found = new Map<string, ElkNode>();
  const collect = (node: ElkNode, x: number, y: number): void => {
    for (const child of node.children ?? []) {
      const placed = { ...child, x: x + (child.x ?? 0), y: y + (child.y ?? 0) };
      found.set(child.id, placed);
      collect(child, placed.x, placed.y);
    }
  };
  collect(answer, 0, 0);
  const left = Math.min(...[...found.values()].map((child) => child.x ?? 0));
  const top = Math.min(...[...found.values()].map((child) => child.y ?? 0));
  const places: Record<string, Point> = {};
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
