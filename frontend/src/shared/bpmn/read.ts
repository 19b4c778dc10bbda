// A process of a parsed file as a document, from what BPMN itself says: our own pieces give ids and order here, nothing else.
// Every element of the file gets its line in the report.

import { enclosing, PADDING, sizeOf, type Box } from '../graph/geometry';
import { idFromTitle, isNodeId, uniqueName } from '../graph/ids';
import { NOTE_LEAST } from '../graph/remarks';
import { inside } from '../graph/query';
import { withRoom } from '../graph/room';
import type { Frame, GraphDocument, GraphEdge, GraphNode, Note, Point } from '../graph/types';
import { boundsOf, drawingOf, middleOf, scaleFor, toOurs, type Drawing, type Scale } from './diagram';
import { readCondition } from './expression';
import {
  childOf, idOf, is, listOf, localName, pieceOf, textOf, within, type BpmnElement, type Piece, type PieceName,
} from './moddle';
import { bodyOf, eventDefinitions, readNode, undoesOf, type NodeReading } from './read-node';
import type { Choice, Outcome, Readable, ReportLine } from './report';

export interface Read {
  doc: GraphDocument;
  lines: ReportLine[];
  scale: Scale;
  drawing: Drawing;
  process: BpmnElement;
  /** The elements that nodes, flows, notes and frames were read from, by the ids that they have in the document. */
  nodes: Map<string, BpmnElement>;
  edges: Map<string, BpmnElement>;
  notes: Map<string, BpmnElement>;
  frames: Map<string, BpmnElement>;
  /** Of an activity that is undone: the event on its border and the line to what undoes it. */
  undoing: Map<string, { event: BpmnElement; line: BpmnElement }>;
}

export function processesOf(definitions: BpmnElement): readonly BpmnElement[] {
  return listOf(definitions, 'rootElements').filter((element) => is(element, 'Process'));
}

/** The processes with something in them, and the diagrams in which they are drawn. */
export function readables(definitions: BpmnElement): Readable[] {
  const participants = listOf(definitions, 'rootElements').filter((each) => is(each, 'Collaboration')).flatMap((each) => listOf(each, 'participants'));
  return processesOf(definitions).flatMap((process, index): Readable[] => {
    const steps = listOf(process, 'flowElements').filter((element) => is(element, 'FlowNode'));
    if (steps.length === 0) return [];
    const participant = participants.find((each) => childOf(each, 'processRef') === process);
    const known = new Set<BpmnElement>(steps);
    const diagrams = listOf(definitions, 'diagrams').flatMap((diagram, at) => {
      const shows = listOf(childOf(diagram, 'plane'), 'planeElement').some((drawn) => known.has(childOf(drawn, 'bpmnElement') ?? process));
      return shows ? [{ index: at, name: textOf(diagram, 'name') ?? '' }] : [];
    });
    const name = textOf(process, 'name') ?? textOf(participant, 'name') ?? '';
    return [{ process: index, name, id: idOf(process), steps: steps.length, diagrams }];
  });
}

interface Level {
  element: BpmnElement;
  parent: string | undefined;
}

interface Step {
  element: BpmnElement;
  reading: NodeReading;
  parent: string | undefined;
  id: string;
}

/** What of an element every reader of it understands. */
const COMMON = new Set(['id', 'name', 'documentation', 'incoming', 'outgoing', 'extensionElements', 'lanes', 'laneSets', 'boundaryEventRefs']);

/** Attributes with which other tools colour shapes and lines. */
const COLOURS = ['stroke', 'fill', 'background-color', 'border-color'];

class ProcessReader {
  private readonly lines: ReportLine[] = [];
  private readonly steps: Step[] = [];
  private readonly ids = new Map<BpmnElement, string>();
  private readonly taken = new Set<string>();
  private readonly levels: Level[] = [];
  private readonly edges = new Map<string, BpmnElement>();
  private readonly notes = new Map<string, BpmnElement>();
  private readonly frames = new Map<string, BpmnElement>();
  private readonly undoing: Read['undoing'] = new Map();
  private readonly used = new Set<BpmnElement>();
  private readonly drawing: Drawing;
  private readonly scale: Scale;

  constructor(
    private readonly definitions: BpmnElement,
    private readonly process: BpmnElement,
    diagram: number | undefined,
    scale: Scale | undefined,
  ) {
    this.drawing = drawingOf(definitions, diagram);
    this.scale = scale ?? scaleFor(this.drawing);
  }

  read(): Read {
    this.collect();
    const undone = this.readUndoing();
    let nodes = this.steps.map((step) => this.nodeOf(step, undone));
    nodes = ordered(nodes, (node) => this.orderOf('Node', this.elementOf(node.id)));
    const edges = this.readEdges();
    const places = this.readPlaces();
    const notes = this.readNotes(places);
    let doc: GraphDocument = { schema: 1, nodes, edges, layout: { ...(Object.keys(places).length > 0 && { nodes: places }) }, ...(notes.length > 0 && { notes }) };
    doc = this.withCollapsed(doc);
    const frames = this.readFrames(doc);
    if (frames.length > 0) doc = { ...doc, layout: { ...doc.layout, frames } };
    this.reportRest();
    const { lines, scale, drawing, process, undoing } = this;
    return { doc, lines, scale, drawing, process, nodes: new Map(this.steps.map((step) => [step.id, step.element])), edges: this.edges, notes: this.notes, frames: this.frames, undoing };
  }

  private say(outcome: Outcome, element: BpmnElement, key: string, params?: ReportLine['params'], node?: string): void {
    const id = idOf(element);
    this.lines.push({
      outcome, element: localName(element), name: nameOf(element), ...(id !== '' && { id }), ...(node !== undefined && { node }), key, ...(params !== undefined && { params }),
    });
  }

  private elementOf(id: string): BpmnElement | undefined {
    return this.steps.find((step) => step.id === id)?.element;
  }

  private orderOf(name: PieceName, element: BpmnElement | undefined): number | undefined {
    return element === undefined ? undefined : pieceOf(element, name)?.order;
  }

  /** All levels, from the outside in; what is read of them, and what not. */
  private collect(): void {
    const found: { element: BpmnElement; reading: NodeReading; level: BpmnElement }[] = [];
    const levels: BpmnElement[] = [this.process];
    for (let level = levels[0], at = 0; level !== undefined; level = levels[++at]) {
      for (const element of listOf(level, 'flowElements')) {
        if (is(element, 'SequenceFlow')) continue;
        const reading = is(element, 'FlowNode') ? readNode(element) : undefined;
        if (reading === undefined) {
          if (!isUndoEvent(element)) this.say('kept', element, is(element, 'FlowNode') ? 'not_run' : 'no_step');
          continue;
        }
        found.push({ element, reading, level });
        if (reading.node.kind === 'sub_process') levels.push(element);
      }
    }
    // Ids that our own pieces gave come first: a new element must not take one.
    for (const { element } of found) {
      const own = pieceId(pieceOf(element, 'Node'));
      if (own === undefined || this.taken.has(own)) continue;
      this.ids.set(element, own);
      this.taken.add(own);
    }
    for (const { element, reading } of found) {
      if (this.ids.has(element)) continue;
      const given = idOf(element);
      const id = isNodeId(given) && !this.taken.has(given) ? given : idFromTitle(nameOf(element), this.taken, FALLBACK[reading.node.kind] ?? 'step');
      this.ids.set(element, id);
      this.taken.add(id);
    }
    const known = new Set(found.map(({ element }) => element));
    for (const { element, reading, level } of found) {
      const host = childOf(element, 'attachedToRef');
      if (reading.node.boundary !== undefined && (host === undefined || !known.has(host))) {
        this.say('kept', element, 'no_host');
        continue;
      }
      this.steps.push({ element, reading, parent: level === this.process ? undefined : this.ids.get(level), id: this.ids.get(element) ?? '' });
    }
    this.levels.push(...levels.map((element) => ({ element, parent: element === this.process ? undefined : this.ids.get(element) })));
    for (const { element, reading, id } of this.steps) {
      this.used.add(element);
      this.say('read', element, 'read', { kind: reading.node.kind }, id);
      for (const change of reading.changes) if (pieceOf(element, 'Node') === undefined) this.say('changed', element, change, undefined, id);
      this.reportLeftovers(element, reading.said, id);
      for (const definition of eventDefinitions(element)) for (const name of ['messageRef', 'errorRef']) this.use(childOf(definition, name));
      this.use(childOf(element, 'messageRef'));
    }
  }

  private use(element: BpmnElement | undefined): void {
    if (element !== undefined) this.used.add(element);
  }

  private nodeOf({ element, reading, parent, id }: Step, undone: ReadonlyMap<BpmnElement, string>): GraphNode {
    const doc = listOf(element, 'documentation')[0];
    const host = childOf(element, 'attachedToRef');
    const handler = undone.get(element);
    const undoes = this.ids.get(undoesOf(element) ?? element);
    const { kind, boundary, ...members } = reading.node;
    return {
      id, kind, title: nameOf(element),
      ...(doc !== undefined && { doc: textOf(doc, 'text') ?? '' }),
      ...(parent !== undefined && { parent }),
      ...members,
      ...(boundary !== undefined && host !== undefined && { boundary: { ...boundary, on: this.ids.get(host) ?? '' } }),
      ...(handler !== undefined && { undone_by: handler }),
      ...(undoes !== undefined && undoes !== id && { undoes }),
    };
  }

  /** From an event for compensation on an activity, a line leads to the task that undoes it (BPMN 2.0.2 §10.7). */
  private readUndoing(): Map<BpmnElement, string> {
    const undone = new Map<BpmnElement, string>();
    for (const { element: level } of this.levels) {
      for (const event of listOf(level, 'flowElements')) {
        if (!isUndoEvent(event)) continue;
        const host = childOf(event, 'attachedToRef');
        const line = listOf(level, 'artifacts').find((each) => is(each, 'Association') && childOf(each, 'sourceRef') === event);
        const handler = line === undefined ? undefined : this.ids.get(childOf(line, 'targetRef') ?? line);
        const id = host === undefined ? undefined : this.ids.get(host);
        if (host === undefined || id === undefined || line === undefined || handler === undefined || undone.has(host)) {
          this.say('kept', event, 'undoes_nothing');
          continue;
        }
        undone.set(host, handler);
        this.undoing.set(id, { event, line });
        this.used.add(event).add(line);
        this.say('read', event, 'read_undo', { handler }, id);
        this.reportLeftovers(event, ['attachedToRef', 'cancelActivity', 'eventDefinitions', 'eventDefinitionRef']);
      }
    }
    return undone;
  }

  private readEdges(): GraphEdge[] {
    const taken = new Set<string>();
    const read: { edge: GraphEdge; order: number | undefined }[] = [];
    const flows = this.levels.flatMap(({ element }) => listOf(element, 'flowElements').filter((each) => is(each, 'SequenceFlow')));
    const standing = new Map(this.steps.map((step) => [step.element, step.id]));
    for (const flow of flows) {
      const [source, target] = [childOf(flow, 'sourceRef'), childOf(flow, 'targetRef')];
      const from = source === undefined ? undefined : standing.get(source);
      const to = target === undefined ? undefined : standing.get(target);
      if (source === undefined || from === undefined || to === undefined) {
        this.say('kept', flow, 'no_ends');
        continue;
      }
      const piece = pieceOf(flow, 'Edge');
      const id = uniqueName(pieceId(piece) ?? (idOf(flow) === '' ? 'flow' : idOf(flow)), taken);
      taken.add(id);
      const title = textOf(flow, 'name');
      const expression = childOf(flow, 'conditionExpression');
      const condition = readCondition(bodyOf(expression));
      const otherwise = childOf(source, 'default') === flow;
      read.push({
        edge: { id, from, to, ...(title !== undefined && { title }), ...(condition !== undefined && { condition }), ...(otherwise && { default: true }) },
        order: piece?.order,
      });
      this.edges.set(id, flow);
      this.used.add(flow);
      this.say('read', flow, 'read_flow', { from, to });
      if (condition !== undefined && piece === undefined) this.say('changed', flow, 'condition', { condition });
      this.reportLeftovers(flow, ['sourceRef', 'targetRef', 'conditionExpression']);
    }
    return ordered(read, (each) => each.order).map((each) => each.edge);
  }

  private readPlaces(): Record<string, Point> {
    const places: Record<string, Point> = {};
    for (const { element, reading, id } of this.steps) {
      const box = boundsOf(this.drawing.shapes.get(element));
      if (box === undefined || reading.node.boundary !== undefined) continue;
      if (reading.node.kind === 'sub_process') {
        places[id] = toOurs(box, this.scale);
        continue;
      }
      const size = sizeOf(reading.node.kind);
      const middle = toOurs(middleOf(box), this.scale);
      places[id] = { x: middle.x - size.width / 2, y: middle.y - size.height / 2 };
    }
    return places;
  }

  private readNotes(places: Readonly<Record<string, Point>>): Note[] {
    const read: { note: Note; order: number | undefined }[] = [];
    const taken = new Set<string>();
    let below = Math.max(0, ...Object.values(places).map((place) => place.y + 160));
    for (const { element: level, parent } of this.levels) {
      for (const artifact of listOf(level, 'artifacts')) {
        if (!is(artifact, 'TextAnnotation')) continue;
        const piece = pieceOf(artifact, 'Note');
        const id = uniqueName(pieceId(piece) ?? (idOf(artifact) === '' ? 'note' : idOf(artifact)), taken);
        taken.add(id);
        const box = boundsOf(this.drawing.shapes.get(artifact));
        const corner = box === undefined ? { x: 0, y: (below += NOTE_LEAST.height + 16) } : toOurs(box, this.scale);
        const own = piece !== undefined;
        read.push({
          note: {
            id, text: textOf(artifact, 'text') ?? '', ...(parent !== undefined && { parent }), x: corner.x, y: corner.y,
            width: own ? (box?.width ?? NOTE_LEAST.width) : Math.max(NOTE_LEAST.width, Math.round((box?.width ?? 0) * this.scale.x)),
            height: own ? (box?.height ?? NOTE_LEAST.height) : Math.max(NOTE_LEAST.height, Math.round((box?.height ?? 0) * this.scale.y)),
          },
          order: piece?.order,
        });
        this.notes.set(id, artifact);
        this.used.add(artifact);
        this.say('read', artifact, 'read_note');
        this.reportLeftovers(artifact, ['text', 'textFormat']);
      }
    }
    return ordered(read, (each) => each.order).map((each) => each.note);
  }

  /** What a collapsed sub-process holds is drawn in a diagram of its own: here it stands where the sub-process does, and the rest makes room. */
  private withCollapsed(doc: GraphDocument): GraphDocument {
    const planeOf = (element: BpmnElement): BpmnElement | undefined => this.drawing.planes.get(this.drawing.shapes.get(element) ?? element);
    const apart = this.steps.filter(({ element, reading }) => {
      const own = planeOf(element);
      return reading.node.kind === 'sub_process' && own !== undefined && listOf(element, 'flowElements').some((each) => (planeOf(each) ?? own) !== own);
    });
    let places = doc.layout.nodes ?? {};
    let notes = doc.notes;
    const hidden = new Set<string>();
    // From the inside out: what holds others moves with all of it.
    for (const { id } of [...apart].reverse()) {
      const place = places[id];
      const held = inside(doc, id);
      const boxes = held.flatMap((node): Box[] => {
        const at = places[node.id];
        return at === undefined || node.boundary !== undefined ? [] : [{ ...at, ...sizeOf(node.kind) }];
      });
      const around = enclosing(boxes, PADDING);
      if (place === undefined || around === undefined) continue;
      const by = { x: place.x - around.x, y: place.y - around.y };
      const ids = new Set(held.map((node) => node.id));
      places = Object.fromEntries(Object.entries(places).map(([key, at]) => [key, ids.has(key) ? { x: at.x + by.x, y: at.y + by.y } : at]));
      notes = notes?.map((note) => (note.parent !== undefined && (note.parent === id || ids.has(note.parent)) ? { ...note, x: note.x + by.x, y: note.y + by.y } : note));
      for (const key of ids) hidden.add(key);
      const element = this.elementOf(id);
      if (element !== undefined) this.say('changed', element, 'opened', undefined, id);
    }
    if (hidden.size === 0) return doc;
    const placed: GraphDocument = { ...doc, layout: { ...doc.layout, nodes: places }, ...(notes !== undefined && { notes }) };
    return withRoom({ ...placed, nodes: placed.nodes.filter((node) => !hidden.has(node.id)) }, placed);
  }

  /** BPMN's groups are drawn around things; ours name them. */
  private readFrames(doc: GraphDocument): Frame[] {
    const read: { frame: Frame; order: number | undefined }[] = [];
    const framed = new Set<string>();
    const taken = new Set<string>();
    for (const { element: level, parent } of this.levels) {
      for (const group of listOf(level, 'artifacts')) {
        if (!is(group, 'Group')) continue;
        const area = boundsOf(this.drawing.shapes.get(group));
        const nodes = this.steps.flatMap(({ element, reading, parent: at, id }) => {
          const box = boundsOf(this.drawing.shapes.get(element));
          if (at !== parent || reading.node.boundary !== undefined || area === undefined || box === undefined || framed.has(id)) return [];
          return holds(area, middleOf(box)) ? [id] : [];
        });
        if (nodes.length === 0) {
          this.say('kept', group, 'empty_group');
          continue;
        }
        for (const id of nodes) framed.add(id);
        const piece = pieceOf(group, 'Frame');
        const value = childOf(group, 'categoryValueRef');
        const id = uniqueName(pieceId(piece) ?? (idOf(group) === '' ? 'frame' : idOf(group)), taken);
        taken.add(id);
        const rank = new Map(doc.nodes.map((node, index) => [node.id, index]));
        nodes.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
        read.push({ frame: { id, title: textOf(value, 'value') ?? '', nodes }, order: piece?.order });
        this.frames.set(id, group);
        this.used.add(group);
        this.use(value);
        this.use(value?.$parent);
        this.say('read', group, 'read_group', { count: nodes.length });
        this.reportLeftovers(group, ['categoryValueRef']);
      }
    }
    return ordered(read, (each) => each.order).map((each) => each.frame);
  }

  /** What of an element nobody read: properties, attributes and elements of other tools. All of it stays in the kept file. */
  private reportLeftovers(element: BpmnElement, said: readonly string[], node?: string): void {
    const left = new Set<string>();
    for (const property of element.$descriptor.properties ?? []) {
      const { name } = property;
      if (COMMON.has(name) || said.includes(name) || property.isVirtual === true || !Object.hasOwn(element, name)) continue;
      const value = element.get(name);
      if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
      left.add(name);
    }
    for (const name of Object.keys(element.$attrs ?? {})) if (!name.startsWith('xmlns')) left.add(name);
    for (const value of listOf(childOf(element, 'extensionElements'), 'values')) if (!value.$type.startsWith('taskurotta:')) left.add(value.$type);
    if (listOf(element, 'documentation').length > 1) left.add('documentation');
    if (left.size > 0) this.say('kept', element, 'leftovers', { what: [...left].join(', ') }, node);
  }

  /** Whatever of the file has no line yet. */
  private reportRest(): void {
    for (const { element: level } of this.levels) {
      for (const artifact of listOf(level, 'artifacts')) if (!this.used.has(artifact) && !is(artifact, 'Group')) this.say('kept', artifact, 'drawn_only');
      for (const set of listOf(level, 'laneSets')) this.reportLanes(set);
    }
    const { process } = this;
    this.reportLeftovers(process, ['isExecutable', 'flowElements', 'artifacts', 'isClosed', 'processType']);
    for (const root of listOf(this.definitions, 'rootElements')) {
      if (root === process || this.used.has(root)) continue;
      if (is(root, 'Process')) this.say('kept', root, 'other_process');
      else if (is(root, 'Collaboration')) this.reportCollaboration(root);
      else this.say('kept', root, 'not_used');
    }
    for (const name of ['imports', 'extensions', 'relationships']) for (const each of listOf(this.definitions, name)) this.say('kept', each, 'not_used');
    const foreign = [...this.drawing.shapes.values(), ...this.drawing.lines.values()].filter(
      (drawn) => COLOURS.some((name) => Object.hasOwn(drawn, name)) || Object.keys(drawn.$attrs ?? {}).some((name) => !name.startsWith('xmlns')),
    );
    if (foreign[0] !== undefined) this.say('kept', foreign[0], 'colours', { count: foreign.length });
  }

  private reportLanes(set: BpmnElement): void {
    for (const element of within(set)) if (is(element, 'Lane')) this.say('kept', element, 'lane');
  }

  private reportCollaboration(root: BpmnElement): void {
    for (const element of within(root)) {
      if (element === root ? is(root, 'Choreography') : is(element, 'Participant', 'MessageFlow', 'ConversationNode', 'FlowNode', 'TextAnnotation', 'Group')) {
        this.say('kept', element, is(element, 'Participant') ? 'pool' : 'drawn_only');
      }
    }
  }
}

const FALLBACK: Partial<Record<GraphNode['kind'], string>> = {
  start_event: 'start', end_event: 'end', exclusive_gateway: 'choice', parallel_gateway: 'parallel', inclusive_gateway: 'any', event_gateway: 'first',
  timer_event: 'wait', message_event: 'message', boundary_event: 'event', sub_process: 'part', compensation_event: 'undo',
};

function isUndoEvent(element: BpmnElement): boolean {
  return is(element, 'BoundaryEvent') && eventDefinitions(element).length === 1 && eventDefinitions(element).every((each) => is(each, 'CompensateEventDefinition'));
}

export function nameOf(element: BpmnElement): string {
  if (is(element, 'TextAnnotation')) return (textOf(element, 'text') ?? '').split('\n')[0]?.slice(0, 80) ?? '';
  if (is(element, 'Group')) return textOf(childOf(element, 'categoryValueRef'), 'value') ?? '';
  const properties = element.$descriptor.properties ?? [];
  return properties.some((property) => property.name === 'name') ? (textOf(element, 'name') ?? '') : '';
}

function pieceId(piece: Piece | undefined): string | undefined {
  if (piece === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(piece.json);
    return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : undefined;
  } catch {
    return undefined;
  }
}

function holds(area: Box, point: Point): boolean {
  return point.x >= area.x && point.x <= area.x + area.width && point.y >= area.y && point.y <= area.y + area.height;
}

/** Those with an order by it, the others behind them as they came. */
export function ordered<T>(items: readonly T[], order: (item: T) => number | undefined): T[] {
  return items
    .map((item, index) => ({ item, index, rank: order(item) ?? Infinity }))
    .sort((a, b) => (a.rank === b.rank ? a.index - b.index : a.rank - b.rank))
    .map(({ item }) => item);
}

export function readProcess(definitions: BpmnElement, choice: Choice, scale: Scale | undefined): Read | undefined {
  const process = processesOf(definitions)[choice.process];
  return process === undefined ? undefined : new ProcessReader(definitions, process, choice.diagram, scale).read();
}

