// Sub-processes hold other nodes: which one stands at a point, what moves with it, and who may change the level.

import { boxOf, snapPlace } from './geometry';
import { around, inside, nodeById } from './query';
import type { GraphDocument, GraphNode, Point } from './types';

/** The innermost sub-process at a point; undefined is the process itself. */
export function levelAt(doc: GraphDocument, at: Point, except: ReadonlySet<string> = new Set()): string | undefined {
  const frames = doc.nodes.filter((node) => {
    if (node.kind !== 'sub_process' || except.has(node.id)) return false;
    const box = boxOf(doc, node);
    return at.x > box.x && at.x < box.x + box.width && at.y > box.y && at.y < box.y + box.height;
  });
  return frames.sort((a, b) => around(doc, b.id).length - around(doc, a.id).length)[0]?.id;
}

/** Whoever moves with a node: what a sub-process holds. */
function withInside(doc: GraphDocument, ids: Iterable<string>): Set<string> {
  const all = new Set<string>();
  for (const id of ids) {
    all.add(id);
    for (const node of inside(doc, id)) all.add(node.id);
  }
  return all;
}

/** The places of nodes moved by a distance, with all that moves with them. */
export function moved(doc: GraphDocument, ids: Iterable<string>, dx: number, dy: number): Record<string, Point> {
  const places: Record<string, Point> = {};
  for (const id of withInside(doc, ids)) {
    const node = nodeById(doc, id);
    if (node === undefined || node.boundary !== undefined) continue;
    const box = boxOf(doc, node);
    places[id] = snapPlace(node.kind, { x: box.x + dx, y: box.y + dy });
  }
  return places;
}

/** New places of dragged nodes as the document keeps them: a sub-process gives its way to what it holds. */
export function settled(doc: GraphDocument, dragged: Readonly<Record<string, Point>>): Record<string, Point> {
  const places: Record<string, Point> = { ...dragged };
  for (const [id, place] of Object.entries(dragged)) {
    const node = nodeById(doc, id);
    if (node?.kind !== 'sub_process') continue;
    const box = boxOf(doc, node);
    for (const [other, at] of Object.entries(moved(doc, [id], place.x - box.x, place.y - box.y))) {
      if (other === id || !(other in dragged)) places[other] = at;
    }
  }
  return places;
}

/** Puts nodes that nothing is connected to into the sub-process where they were dropped, or out of it. */
export function relevelled(doc: GraphDocument, ids: readonly string[]): GraphDocument {
  const moving = withInside(doc, ids);
  const free = (node: GraphNode): boolean =>
    ids.includes(node.id) && node.boundary === undefined && !doc.edges.some((edge) => (edge.from === node.id || edge.to === node.id));
  const without: GraphDocument = { ...doc, nodes: doc.nodes.filter((node) => !moving.has(node.id)) };
  const nodes = doc.nodes.map((node) => {
    if (!free(node) || (node.parent !== undefined && moving.has(node.parent))) return node;
    const box = boxOf(doc, node);
    const level = levelAt(without, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
    if (level === node.parent) return node;
    const { parent: _, ...rest } = node;
    return level === undefined ? rest : { ...rest, parent: level };
  });
  return nodes.some((node, index) => node !== doc.nodes[index]) ? { ...doc, nodes } : doc;
}
