// Sub-processes hold other nodes: which one stands at a point, what moves with it, and who may change the level.

import { foldOf } from './fold';
import { boxOf, snapPlace } from './geometry';
import { around, inside, nodeById } from './query';
import type { GraphDocument, GraphNode, Point } from './types';

/** The innermost sub-process at a point; undefined is the process itself. */
export function levelAt(doc: GraphDocument, at: Point, except: ReadonlySet<string> = new Set()): string | undefined {
  const frames = doc.nodes.filter((node) => {
    if (node.kind !== 'sub_process' || foldOf(node) !== undefined || except.has(node.id)) return false;
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

/** The places of nodes moved by a distance, with all that moves with them; on the grid unless they must stand exactly there. */
export function moved(doc: GraphDocument, ids: Iterable<string>, dx: number, dy: number, exact = false): Record<string, Point> {
  const places: Record<string, Point> = {};
  for (const id of withInside(doc, ids)) {
    const node = nodeById(doc, id);
    if (node === undefined || node.boundary !== undefined) continue;
    const box = boxOf(doc, node);
    const place = { x: box.x + dx, y: box.y + dy };
    places[id] = exact ? place : snapPlace(node.kind, place);
  }
  return places;
}

/**
 * Puts nodes that nothing is connected to into the sub-process where they were dropped, or out of it. What is seen decides which
 * one stands there; `home` is the level that is shown.
 */
export function relevelled(doc: GraphDocument, ids: readonly string[], seen: GraphDocument = doc, home?: string): GraphDocument {
  const moving = withInside(doc, ids);
  const free = (node: GraphNode): boolean => node.boundary === undefined && !doc.edges.some((edge) => edge.from === node.id || edge.to === node.id);
  const wanted = new Set(ids.filter((id) => {
    const node = nodeById(doc, id);
    return node !== undefined && free(node) && (node.parent === undefined || !moving.has(node.parent));
  }));
  if (wanted.size === 0) return doc;
  const without: GraphDocument = { ...seen, nodes: seen.nodes.filter((node) => !moving.has(node.id)) };
  const nodes = doc.nodes.map((node) => {
    if (!wanted.has(node.id)) return node;
    const box = boxOf(doc, node);
    const level = levelAt(without, { x: box.x + box.width / 2, y: box.y + box.height / 2 }) ?? home;
    if (level === node.parent) return node;
    const { parent: _, ...rest } = node;
    return level === undefined ? rest : { ...rest, parent: level };
  });
  return nodes.some((node, index) => node !== doc.nodes[index]) ? { ...doc, nodes } : doc;
}
