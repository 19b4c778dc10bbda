// The picture of a document as BPMN DI: what stands where the file had it keeps its bounds to the last digit, what was moved moves
// by as much, what is new is placed beside it.

import { routeHints } from '../graph/detours';
import { boxOf, enclosing, frameBox, noteBox, outline, PADDING, type Box } from '../graph/geometry';
import { isGateway } from '../graph/kinds';
import { borderOf, childrenOf, nodeById } from '../graph/query';
import { routeEdge, type End, type LoopHint } from '../graph/route';
import type { GraphDocument, GraphEdge, GraphNode, Point } from '../graph/types';
import { boundsOf, middleOf, SAME, toTheirs, waypointsOf, type Scale } from './diagram';
import { add, childOf, is, listOf, type BpmnElement, type Moddle } from './moddle';
import type { Read } from './read';

export interface Drawn {
  moddle: Moddle;
  doc: GraphDocument;
  /** The level of an element: the process, or a sub-process. */
  plane: BpmnElement;
  base: Read | undefined;
  elementOf: (id: string) => BpmnElement | undefined;
  freeId: (wished: string, fallback: string) => string;
}

const UNDO_SIZE = 36;

export class DiagramWriter {
  private readonly scale: Scale;
  private readonly boxes = new Map<string, Box>();
  private readonly shifted = new Set<string>();

  constructor(private readonly drawn: Drawn) {
    this.scale = drawn.base?.scale ?? SAME;
  }

  /** Where a node stands in the file. */
  boxFor(id: string): Box {
    const known = this.boxes.get(id);
    if (known !== undefined) return known;
    const { doc } = this.drawn;
    const node = nodeById(doc, id);
    if (node === undefined) return { x: 0, y: 0, width: 0, height: 0 };
    this.boxes.set(id, this.fresh(node)); // a document of somebody else may hold a circle
    const was = this.was(id);
    const box = node.boundary !== undefined ? this.onBorder(node, was) : node.kind === 'sub_process' ? this.around(node, was) : (this.moved(node, was) ?? this.fresh(node));
    this.boxes.set(id, box);
    const still = was?.x === box.x && was.y === box.y && was.width === box.width && was.height === box.height;
    if (!still) this.shifted.add(id);
    return box;
  }

  private was(id: string): Box | undefined {
    const { base } = this.drawn;
    const element = this.baseId(id) === undefined ? undefined : this.drawn.elementOf(id);
    return element === undefined ? undefined : boundsOf(base?.drawing.shapes.get(element));
  }

  private baseId(id: string): string | undefined {
    const element = this.drawn.elementOf(id);
    if (element === undefined) return undefined;
    for (const [known, each] of this.drawn.base?.nodes ?? []) if (each === element) return known;
    return undefined;
  }

  private moved(node: GraphNode, was: Box | undefined): Box | undefined {
    if (was === undefined) return undefined;
    const from = this.drawn.base?.doc.layout.nodes?.[this.baseId(node.id) ?? ''];
    const to = this.drawn.doc.layout.nodes?.[node.id];
    if (from === undefined || to === undefined) return was;
    const by = toTheirs({ x: to.x - from.x, y: to.y - from.y }, this.scale);
    return { ...was, x: was.x + by.x, y: was.y + by.y };
  }

  /** A node that the file did not have: as far from a neighbour of its level as it is here. */
  private fresh(node: GraphNode): Box {
    const own = isGateway(node.kind) ? outline(node.kind, boxOf(this.drawn.doc, node)) : boxOf(this.drawn.doc, node);
    if (this.scale.x === 1 && this.scale.y === 1 && this.drawn.base === undefined) return own;
    const size = toTheirs({ x: own.width, y: own.height }, this.scale);
    const middle = this.beside(node, middleOf(own));
    return { x: middle.x - size.x / 2, y: middle.y - size.y / 2, width: size.x, height: size.y };
  }

  private beside(node: GraphNode, middle: Point): Point {
    for (const other of childrenOf(this.drawn.doc, node.parent)) {
      const was = other.id === node.id || other.boundary !== undefined || other.kind === 'sub_process' ? undefined : this.was(other.id);
      const from = this.drawn.base?.doc.layout.nodes?.[this.baseId(other.id) ?? ''];
      const known = nodeById(this.drawn.base?.doc ?? this.drawn.doc, this.baseId(other.id));
      if (was === undefined || from === undefined || known === undefined) continue;
      const at = middleOf({ ...from, ...boxSize(this.drawn.doc, other) });
      const by = toTheirs({ x: middle.x - at.x, y: middle.y - at.y }, this.scale);
      const there = middleOf(was);
      return { x: there.x + by.x, y: there.y + by.y };
    }
    return toTheirs(middle, this.scale);
  }

  private onBorder(node: GraphNode, was: Box | undefined): Box {
    const { doc, base } = this.drawn;
    const host = nodeById(doc, node.boundary?.on);
    if (host === undefined || host.boundary !== undefined) return was ?? this.fresh(node);
    const box = this.boxFor(host.id);
    const before = this.was(host.id);
    if (was !== undefined && before !== undefined) return { ...was, x: was.x + box.x - before.x, y: was.y + box.y - before.y };
    const own = boxOf(doc, node);
    if (base === undefined) return own;
    const size = toTheirs({ x: own.width, y: own.height }, this.scale);
    const at = borderOf(doc, host.id).findIndex((each) => each.id === node.id);
    return { x: box.x + box.width - size.x * (at + 1) - 8 * (at + 1), y: box.y + box.height - size.y / 2, width: size.x, height: size.y };
  }

  private around(node: GraphNode, was: Box | undefined): Box {
    const { doc, base } = this.drawn;
    if (base === undefined) return boxOf(doc, node);
    const moved = this.moved(node, was);
    const planes = (id: string): BpmnElement | undefined => base.drawing.planes.get(base.drawing.shapes.get(this.drawn.elementOf(id) ?? this.drawn.plane) ?? this.drawn.plane);
    const own = planes(node.id);
    const held = childrenOf(doc, node.id).filter((each) => each.boundary === undefined);
    // What a collapsed one holds lies on a plane of its own.
    if (moved !== undefined && held.some((each) => (planes(each.id) ?? own) !== own)) return moved;
    const content = enclosing(held.map((each) => this.boxFor(each.id)));
    if (moved === undefined) return enclosing(held.map((each) => this.boxFor(each.id)), PADDING) ?? this.fresh(node);
    if (content === undefined) return moved;
    const inside = content.x >= moved.x && content.y >= moved.y && content.x + content.width <= moved.x + moved.width && content.y + content.height <= moved.y + moved.height;
    return inside ? moved : (enclosing([moved, { x: content.x - 20, y: content.y - 20, width: content.width + 40, height: content.height + 40 }]) ?? moved);
  }

  drawNode(node: GraphNode, element: BpmnElement): void {
    const box = this.boxFor(node.id);
    const shape = this.drawn.base?.drawing.shapes.get(element);
    if (shape !== undefined) {
      if (this.shifted.has(node.id)) this.setBounds(shape, box);
      return;
    }
    this.addShape(element, box, node.parent, {
      ...(node.kind === 'sub_process' && { isExpanded: true }),
      ...(node.kind === 'exclusive_gateway' && { isMarkerVisible: true }),
    });
  }

  private addShape(element: BpmnElement, box: Box, parent: string | undefined, more: Record<string, unknown> = {}): void {
    const { moddle, freeId } = this.drawn;
    const id = `${String(element.get('id'))}_di`;
    const shape = moddle.create('bpmndi:BPMNShape', { id: freeId(id, 'shape'), bpmnElement: element, ...more });
    const bounds = moddle.create('dc:Bounds', { ...box });
    bounds.$parent = shape;
    shape.set('bounds', bounds);
    add(this.planeOf(parent), 'planeElement', shape);
  }

  /** Where what is new of a level is drawn: with its neighbours. */
  private planeOf(parent: string | undefined): BpmnElement {
    const { base, doc, elementOf, plane } = this.drawn;
    if (base === undefined) return plane;
    for (const node of childrenOf(doc, parent)) {
      const known = base.drawing.planes.get(base.drawing.shapes.get(elementOf(node.id) ?? plane) ?? plane);
      if (known !== undefined) return known;
    }
    return plane;
  }

  private setBounds(shape: BpmnElement, box: Box): void {
    const bounds = childOf(shape, 'bounds');
    if (bounds === undefined) return;
    const old = boundsOf(shape);
    for (const name of ['x', 'y', 'width', 'height'] as const) bounds.set(name, box[name]);
    const label = childOf(childOf(shape, 'label'), 'bounds');
    const at = boundsOf(childOf(shape, 'label'));
    if (label === undefined || at === undefined || old === undefined) return;
    label.set('x', at.x + box.x - old.x);
    label.set('y', at.y + box.y - old.y);
  }

  /** A note stands by its corner, and has a size. */
  drawNote(id: string, element: BpmnElement): void {
    const { doc, base } = this.drawn;
    const note = doc.notes?.find((each) => each.id === id);
    if (note === undefined) return;
    const shape = base?.drawing.shapes.get(element);
    const before = [...(base?.notes ?? [])].find(([, each]) => each === element)?.[0];
    const old = base?.doc.notes?.find((each) => each.id === before);
    const was = boundsOf(shape);
    if (shape === undefined || old === undefined || was === undefined) {
      const corner = toTheirs(note, this.scale);
      const size = toTheirs({ x: note.width, y: note.height }, this.scale);
      this.addShape(element, base === undefined ? noteBox(note) : { ...corner, width: size.x, height: size.y }, note.parent);
      return;
    }
    if (old.x === note.x && old.y === note.y && old.width === note.width && old.height === note.height) return;
    const by = toTheirs({ x: note.x - old.x, y: note.y - old.y }, this.scale);
    const more = toTheirs({ x: note.width - old.width, y: note.height - old.height }, this.scale);
    this.setBounds(shape, { x: was.x + by.x, y: was.y + by.y, width: Math.max(20, was.width + more.x), height: Math.max(20, was.height + more.y) });
  }

  /** A group keeps its bounds as long as it is around the same nodes. */
  drawFrame(frame: { nodes: readonly string[]; title: string; id: string }, element: BpmnElement, unchanged: boolean): void {
    const { doc, base } = this.drawn;
    const shape = base?.drawing.shapes.get(element);
    if (shape !== undefined && unchanged && !frame.nodes.some((id) => this.shifted.has(id))) return;
    const own = base === undefined ? frameBox(doc, frame) : enclosing(frame.nodes.map((id) => this.boxFor(id)), { left: 16, top: 28, right: 16, bottom: 16 });
    if (own === undefined) return;
    if (shape !== undefined) this.setBounds(shape, own);
    else this.addShape(element, own, nodeById(doc, frame.nodes[0])?.parent);
  }

  drawFlow(edge: GraphEdge, flow: BpmnElement, sameEnds: boolean): void {
    const line = this.drawn.base?.drawing.lines.get(flow);
    const [from, to] = [this.endOf(edge.from), this.endOf(edge.to)];
    if (from === undefined || to === undefined) return;
    if (line !== undefined && sameEnds && !this.shifted.has(edge.from) && !this.shifted.has(edge.to) && waypointsOf(line).length > 1) return;
    const hint = this.hints().get(edge.id);
    this.drawLine(flow, line, routeEdge(from, to, hint === undefined ? undefined : this.scaled(hint)).points, nodeById(this.drawn.doc, edge.from)?.parent);
  }

  private scaled({ side, y, out, into }: LoopHint): LoopHint {
    return { side, y: y / this.scale.y, ...(out !== undefined && { out: out / this.scale.x }), ...(into !== undefined && { into: into / this.scale.x }) };
  }

  private known: ReturnType<typeof routeHints> | undefined;

  private hints(): ReturnType<typeof routeHints> {
    return (this.known ??= routeHints(this.drawn.doc));
  }

  private endOf(id: string): End | undefined {
    const node = nodeById(this.drawn.doc, id);
    return node === undefined ? undefined : { kind: node.kind, box: this.boxFor(id) };
  }

  private drawLine(element: BpmnElement, line: BpmnElement | undefined, points: readonly Point[], parent: string | undefined): void {
    const { moddle, freeId } = this.drawn;
    const waypoints = points.map(({ x, y }) => moddle.create('dc:Point', { x, y }));
    if (line !== undefined) {
      line.set('waypoint', waypoints);
      line.set('label', undefined);
      return;
    }
    const drawn = moddle.create('bpmndi:BPMNEdge', { id: freeId(`${String(element.get('id'))}_di`, 'line'), bpmnElement: element, waypoint: waypoints });
    add(this.planeOf(parent), 'planeElement', drawn);
  }

  /** The event for compensation stands at the left of its activity's lower border, where no other of ours does. */
  drawUndoing(host: GraphNode, handler: string, event: BpmnElement, line: BpmnElement): void {
    const { base } = this.drawn;
    const box = this.boxFor(host.id);
    const shape = base?.drawing.shapes.get(event);
    const own = { x: box.x + 12, y: box.y + box.height - UNDO_SIZE / 2, width: UNDO_SIZE, height: UNDO_SIZE };
    const before = this.was(host.id);
    const was = boundsOf(shape);
    const at = was === undefined || before === undefined ? own : { ...was, x: was.x + box.x - before.x, y: was.y + box.y - before.y };
    if (shape === undefined) this.addShape(event, at, host.parent);
    else if (this.shifted.has(host.id)) this.setBounds(shape, at);
    const drawn = base?.drawing.lines.get(line);
    const target = this.endOf(handler);
    if (target === undefined || (drawn !== undefined && !this.shifted.has(host.id) && !this.shifted.has(handler))) return;
    this.drawLine(line, drawn, routeEdge({ kind: 'boundary_event', box: at }, target).points, host.parent);
  }
}

function boxSize(doc: GraphDocument, node: GraphNode): { width: number; height: number } {
  const { width, height } = boxOf(doc, node);
  return { width, height };
}

/** The plane on which a process is drawn, or a new one. */
export function planeFor(moddle: Moddle, definitions: BpmnElement, process: BpmnElement, base: Read | undefined, freeId: Drawn['freeId']): BpmnElement {
  for (const element of base?.nodes.values() ?? []) {
    const plane = base?.drawing.planes.get(base.drawing.shapes.get(element) ?? element);
    if (plane !== undefined && !is(childOf(plane, 'bpmnElement') ?? process, 'SubProcess')) return plane;
  }
  const diagrams = listOf(definitions, 'diagrams').flatMap((diagram) => childOf(diagram, 'plane') ?? []);
  const found = diagrams.find((plane) => childOf(plane, 'bpmnElement') === process);
  if (found !== undefined) return found;
  const id = String(process.get('id'));
  const plane = moddle.create('bpmndi:BPMNPlane', { id: freeId(`${id}_plane`, 'plane'), bpmnElement: process });
  const diagram = moddle.create('bpmndi:BPMNDiagram', { id: freeId(`${id}_diagram`, 'diagram'), plane });
  plane.$parent = diagram;
  add(definitions, 'diagrams', diagram);
  return plane;
}
