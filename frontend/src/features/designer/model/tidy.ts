// A document as ELK's layered algorithm takes it, and its answer as places. The author's order of branches is kept.

import type { ELK, ElkNode, ElkPort } from 'elkjs/lib/elk-api';

import { withHeld, withPlaces } from '@/shared/graph/edit';
import { boxOf, enclosing, FRAME_PADDING, outline, sizeOf, snap, snapPlace } from '@/shared/graph/geometry';
import { borderOf, childrenOf, frameOf, nodeById } from '@/shared/graph/query';
import { frameRef, parseRef } from '@/shared/graph/refs';
import { moveNotes } from '@/shared/graph/remarks';
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
  // What leads back to a step that the way there came by is the loop, whatever stands where.
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
};

/** A sub-process is laid out by itself, and leaves room for its title. */
const FRAME_OPTIONS: Readonly<Record<string, string>> = {
  ...OPTIONS,
  'elk.padding': '[top=64,left=44,bottom=56,right=44]',
  'elk.hierarchyHandling': 'SEPARATE_CHILDREN',
};

/** The steps of a frame stay together: flows lead in and out of it. */
const GROUP_OPTIONS: Readonly<Record<string, string>> = {
  ...OPTIONS,
  'elk.padding': `[top=${String(FRAME_PADDING.top)},left=${String(FRAME_PADDING.left)},bottom=${String(FRAME_PADDING.bottom)},right=${String(FRAME_PADDING.right)}]`,
};

const GROUPED = { 'elk.hierarchyHandling': 'INCLUDE_CHILDREN' };

export function toElk(doc: GraphDocument, root?: string): ElkNode {
  // A flow that leaves an event on a border leaves its activity by another port.
  const standing = (id: string): { id: string; port: string } => {
    const host = nodeById(doc, id)?.boundary?.on;
    return host === undefined ? { id, port: `${id}.out` } : { id: host, port: `${id}.border` };
  };
  const level = (parent: string | undefined): Pick<ElkNode, 'children' | 'edges'> => {
    const nodes = childrenOf(doc, parent).filter((node) => node.boundary === undefined);
    const known = new Set(nodes.map((node) => node.id));
    const heights = new Map(nodes.map((node) => [node.id, boxOf(doc, node).y]));
    const order = [...nodes].sort((a, b) => (heights.get(a.id) ?? 0) - (heights.get(b.id) ?? 0));
    const groups = new Map<string, ElkNode>();
    const children = order.flatMap((node): ElkNode[] => {
      const own = elkNode(doc, node, level);
      const frame = frameOf(doc, node.id);
      if (frame === undefined) return [own];
      const group = groups.get(frame.id);
      if (group !== undefined) {
        group.children?.push(own);
        return [];
      }
      const made: ElkNode = { id: frameRef(frame.id), children: [own], layoutOptions: GROUP_OPTIONS };
      groups.set(frame.id, made);
      return [made];
    });
    const edges = doc.edges
      .filter((edge) => known.has(standing(edge.from).id) && known.has(edge.to))
      .map((edge) => ({ id: edge.id, sources: [standing(edge.from).port], targets: [`${edge.to}.in`] }));
    const undoing = nodes
      .filter((node) => node.undone_by !== undefined && known.has(node.undone_by))
      .map((node) => ({ id: `undo:${node.id}`, sources: [`${node.id}.out`], targets: [`${node.undone_by ?? ''}.in`] }));
    return { children, edges: [...edges, ...undoing] };
  };
  const grouped = (doc.layout.frames ?? []).length > 0;
  return { id: 'root', layoutOptions: { ...OPTIONS, ...(grouped && GROUPED) }, ...level(root) };
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
export function fromElk(doc: GraphDocument, answer: ElkNode, root?: string): Record<string, Point> {
  const before = childrenOf(doc, root).map((node) => boxOf(doc, node));
  const bounds = enclosing(before) ?? { x: 0, y: 0 };
  const found = new Map<string, ElkNode>();
  const collect = (node: ElkNode, x: number, y: number): void => {
    for (const child of node.children ?? []) {
      const placed = { ...child, x: x + (child.x ?? 0), y: y + (child.y ?? 0) };
      if (parseRef(child.id).what === 'node') found.set(child.id, placed);
      collect(child, placed.x, placed.y);
    }
  };
  collect(answer, 0, 0);
  const left = Math.min(...[...found.values()].map((child) => child.x ?? 0));
  const top = Math.min(...[...found.values()].map((child) => child.y ?? 0));
  const places: Record<string, Point> = {};
  for (const [id, child] of found) {
    const node = nodeById(doc, id);
    if (node === undefined) continue;
    const { width, height } = sizeOf(node.kind);
    const centre = { x: (child.x ?? 0) - left + (child.width ?? 0) / 2 + bounds.x, y: (child.y ?? 0) - top + (child.height ?? 0) / 2 + bounds.y };
    places[id] = snapPlace(node.kind, { x: centre.x - width / 2, y: centre.y - height / 2 });
  }
  return places;
}

/** Only some steps of a document, with what they hold, as a document of their own. */
function part(doc: GraphDocument, some: ReadonlySet<string>): GraphDocument {
  const ids = withHeld(doc, some);
  return {
    ...doc,
    nodes: doc.nodes
      .filter((node) => ids.has(node.id))
      .map((node) => {
        if (node.parent === undefined || ids.has(node.parent)) return node;
        const { parent: _, ...rest } = node;
        return rest;
      }),
    edges: doc.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    layout: { ...doc.layout, frames: (doc.layout.frames ?? []).filter((frame) => frame.nodes.every((id) => ids.has(id))) },
    notes: [],
  };
}

/** Notes go where the step nearest to them went. */
function notesAlong(doc: GraphDocument, places: Readonly<Record<string, Point>>): Record<string, Point> {
  const moves = Object.entries(places).flatMap(([id, to]) => {
    const node = nodeById(doc, id);
    if (node === undefined || node.kind === 'sub_process') return [];
    const box = boxOf(doc, node);
    return [{ box, dx: to.x - box.x, dy: to.y - box.y }];
  });
  const notes: Record<string, Point> = {};
  for (const note of doc.notes ?? []) {
    let nearest: { dx: number; dy: number } | undefined;
    let least = Infinity;
    for (const { box, dx, dy } of moves) {
      const gapX = Math.max(0, box.x - (note.x + note.width), note.x - (box.x + box.width));
      const gapY = Math.max(0, box.y - (note.y + note.height), note.y - (box.y + box.height));
      if (gapX + gapY < least) {
        least = gapX + gapY;
        nearest = { dx, dy };
      }
    }
    if (nearest !== undefined && least < 240) notes[note.id] = { x: snap(note.x + nearest.dx), y: snap(note.y + nearest.dy) };
  }
  return notes;
}

const DEADLINE_MS = 20_000;

function aBreath(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

export interface TidyScope {
  /** Only these; undefined is everything that is shown. */
  some: ReadonlySet<string> | undefined;
  level: string | undefined;
}

/** Lays the graph out in a worker; undefined when it took too long. */
export async function tidied(doc: GraphDocument, { some, level }: TidyScope): Promise<GraphDocument | undefined> {
  const [{ default: Elk }, { default: workerUrl }] = await Promise.all([import('elkjs/lib/elk-api'), import('elkjs/lib/elk-worker.min.js?url')]);
  const source = some === undefined ? doc : part(doc, some);
  const root = some === undefined ? level : undefined;
  const elk: ELK = new Elk({ workerFactory: () => new Worker(workerUrl) });
  const late = new Promise<undefined>((resolve) => {
    setTimeout(resolve, DEADLINE_MS);
  });
  try {
    const answer = await Promise.race([elk.layout(toElk(source, root)), late]);
    if (answer === undefined) return undefined;
    // Reading the answer, working out the places and drawing them are tasks of their own: the page hears people between them.
    await aBreath();
    const places = fromElk(source, answer, root);
    await aBreath();
    return moveNotes(withPlaces(doc, places), notesAlong(doc, places));
  } finally {
    elk.terminateWorker();
  }
}
