// A document as a BPMN file: written anew, or into the file that it was read from, where nothing is touched but what differs.

import { nodeById, undoneBy } from '../graph/query';
import type { Frame, GraphDocument, GraphEdge, GraphNode } from '../graph/types';
import { xmlJson, xmlText } from './expression';
import { keptIn } from './kept';
import {
  add, childOf, createModdle, hasProperty, idOf, is, listOf, purge, put, putPiece, remove, strip, textOf, within, type BpmnElement, type Moddle,
} from './moddle';
import { readProcess, type Read } from './read';
import { DiagramWriter, planeFor } from './write-diagram';
import { NodeWriter, Roots, typeOf } from './write-node';

export interface About {
  /** The id of the process in the file: the definition's key. */
  key: string;
  title: string;
}

export interface WrittenFile {
  xml: string;
  /** What the document kept of an older file could not be read, and is not in this one. */
  keptBroken: boolean;
}

const NAME = /^[A-Za-z_][\w.-]*$/;

export async function writeBpmn(doc: GraphDocument, about: About): Promise<WrittenFile> {
  const moddle = createModdle();
  const kept = keptIn(doc);
  const base = kept === undefined ? undefined : await keptTree(moddle, kept);
  const definitions = base?.definitions ?? moddle.create('bpmn:Definitions', { id: 'definitions', targetNamespace: 'https://github.com/taskurotta/taskurotta-go/definitions', exporter: 'Taskurotta' });
  new DocumentWriter(moddle, doc, about, definitions, base?.read, kept?.ids ?? {}).write();
  const { xml } = await moddle.toXML(definitions, { format: true });
  return { xml, keptBroken: base === undefined && doc.extensions?.bpmn !== undefined };
}

async function keptTree(moddle: Moddle, kept: NonNullable<ReturnType<typeof keptIn>>): Promise<{ definitions: BpmnElement; read: Read } | undefined> {
  try {
    const { rootElement } = await moddle.fromXML(kept.xml);
    strip(rootElement);
    const read = readProcess(rootElement, kept, kept.scale);
    return read === undefined ? undefined : { definitions: rootElement, read };
  } catch {
    return undefined;
  }
}

class DocumentWriter {
  private readonly taken = new Set<string>();
  private readonly process: BpmnElement;
  private readonly nodes: { node: GraphNode; element: BpmnElement; before: GraphNode | undefined }[] = [];
  private readonly byId = new Map<string, BpmnElement>();
  private readonly writer: NodeWriter;
  private readonly roots: Roots;
  private readonly flows = new Map<GraphEdge, BpmnElement>();

  constructor(
    private readonly moddle: Moddle,
    private readonly doc: GraphDocument,
    private readonly about: About,
    private readonly definitions: BpmnElement,
    private readonly base: Read | undefined,
    private readonly ids: Readonly<Record<string, string>>,
  ) {
    for (const element of within(definitions)) if (hasProperty(element, 'id')) this.taken.add(idOf(element));
    this.roots = new Roots(moddle, definitions, this.freeId);
    this.writer = new NodeWriter(moddle, this.roots);
    this.process = base?.process ?? this.newProcess();
  }

  private readonly freeId = (wished: string, fallback: string): string => {
    let id = wished;
    for (let n = 1; !NAME.test(id) || this.taken.has(id); n++) id = `${fallback}_${String(n)}`;
    this.taken.add(id);
    return id;
  };

  private newProcess(): BpmnElement {
    const { key, title } = this.about;
    const process = this.moddle.create('bpmn:Process', { id: this.freeId(key, 'process'), ...(title !== '' && { name: xmlText(title) }), isExecutable: true });
    add(this.definitions, 'rootElements', process);
    return process;
  }

  write(): void {
    this.writeNodes();
    this.writeFlows();
    this.dropGone();
    const plane = planeFor(this.moddle, this.definitions, this.process, this.base, this.freeId);
    const diagram = new DiagramWriter({
      moddle: this.moddle, doc: this.doc, plane, base: this.base, elementOf: (id) => this.byId.get(id), freeId: this.freeId,
    });
    for (const { node, element } of this.nodes) diagram.drawNode(node, element);
    for (const [edge, flow] of this.flows) diagram.drawFlow(edge, flow, this.sameEnds(edge, flow));
    this.writeThrows();
    this.writeUndoing(diagram);
    this.writeNotes(diagram);
    this.writeFrames(diagram);
    this.writeLinks();
    this.writeDocumentPiece();
  }

  private elementBefore(node: GraphNode): { element: BpmnElement; before: GraphNode } | undefined {
    const theirs = Object.hasOwn(this.ids, node.id) ? this.ids[node.id] : undefined;
    if (theirs === undefined || this.base === undefined) return undefined;
    for (const [id, element] of this.base.nodes) {
      if (idOf(element) !== theirs) continue;
      const before = nodeById(this.base.doc, id);
      return before?.kind === node.kind ? { element, before } : undefined;
    }
    return undefined;
  }

  private writeNodes(): void {
    const used = new Set<BpmnElement>();
    for (const [order, node] of this.doc.nodes.entries()) {
      const known = this.elementBefore(node);
      const before = known === undefined || used.has(known.element) ? undefined : known;
      const element = before?.element ?? this.moddle.create(typeOf(node.kind), { id: this.freeId(node.id, 'node') });
      used.add(element);
      if (!this.byId.has(node.id)) this.byId.set(node.id, element);
      this.nodes.push({ node, element, before: before?.before });
      putPiece(this.moddle, element, 'Node', xmlJson(node), order);
    }
    for (const { node, element, before } of this.nodes) {
      this.place(element, this.levelOf(node));
      this.writer.write(element, node, before);
      const host = node.boundary === undefined ? undefined : this.byId.get(node.boundary.on);
      if (node.boundary !== undefined && childOf(element, 'attachedToRef') !== host) element.set('attachedToRef', host !== undefined && is(host, 'Activity') ? host : undefined);
    }
  }

  /** The sub-process that a node lies in; the process itself when there is none, or the document goes round in a circle. */
  private levelOf(node: GraphNode): BpmnElement {
    const seen = new Set<string>();
    for (let at: GraphNode | undefined = node; at?.parent !== undefined; at = nodeById(this.doc, at.parent)) {
      if (at.parent === node.id) return this.process;
      if (seen.has(at.parent)) break;
      seen.add(at.parent);
    }
    return this.container(node.parent);
  }

  private container(parent: string | undefined): BpmnElement {
    const level = parent === undefined ? undefined : this.byId.get(parent);
    return level !== undefined && is(level, 'SubProcess') ? level : this.process;
  }

  private place(element: BpmnElement, level: BpmnElement): void {
    const now = element.$parent;
    if (now === level) return;
    if (now !== undefined) remove(now, 'flowElements', (each) => each === element);
    add(level, 'flowElements', element);
  }

  private writeFlows(): void {
    const used = new Set<BpmnElement>();
    for (const [order, edge] of this.doc.edges.entries()) {
      const [source, target] = [this.byId.get(edge.from), this.byId.get(edge.to)];
      if (source === undefined || target === undefined) continue;
      const known = this.base?.edges.get(edge.id);
      const flow = known === undefined || used.has(known) ? this.moddle.create('bpmn:SequenceFlow', { id: this.freeId(edge.id, 'flow') }) : known;
      used.add(flow);
      this.place(flow, source.$parent ?? this.process);
      put(flow, 'sourceRef', source);
      put(flow, 'targetRef', target);
      const title = edge.title === undefined ? undefined : xmlText(edge.title);
      if (textOf(flow, 'name') !== title) flow.set('name', title);
      const before = this.edgeBefore(edge.id, flow);
      if (edge.condition !== before?.condition) flow.set('conditionExpression', edge.condition === undefined ? undefined : this.writer.expression(edge.condition));
      putPiece(this.moddle, flow, 'Edge', xmlJson(edge), order);
      this.flows.set(edge, flow);
    }
    for (const { node, element } of this.nodes) {
      if (!hasProperty(element, 'default')) continue;
      const now = [...this.flows].find(([edge]) => edge.from === node.id && edge.default === true)?.[1];
      const old = childOf(element, 'default');
      const ours = old === undefined || [...(this.base?.edges.values() ?? [])].includes(old);
      if (now !== old && ours) element.set('default', now);
    }
  }

  private edgeBefore(id: string, flow: BpmnElement): GraphEdge | undefined {
    return this.base?.edges.get(id) === flow ? this.base.doc.edges.find((edge) => edge.id === id) : undefined;
  }

  private sameEnds(edge: GraphEdge, flow: BpmnElement): boolean {
    const before = this.edgeBefore(edge.id, flow);
    return before !== undefined && this.base?.nodes.get(before.from) === this.byId.get(edge.from) && this.base?.nodes.get(before.to) === this.byId.get(edge.to);
  }

  /** What was read from the file and is no longer in the document, with all that hangs on it. */
  private dropGone(): void {
    if (this.base === undefined) return;
    const kept = new Set<BpmnElement>([...this.nodes.map(({ element }) => element), ...this.flows.values()]);
    const gone = new Set<BpmnElement>();
    const drop = (element: BpmnElement): void => {
      for (const each of within(element)) gone.add(each);
    };
    for (const element of [...this.base.nodes.values(), ...this.base.edges.values()]) if (!kept.has(element)) drop(element);
    const notes = new Set((this.doc.notes ?? []).map((note) => note.id));
    for (const [id, element] of this.base.notes) if (!notes.has(id)) drop(element);
    const frames = new Set((this.doc.layout.frames ?? []).map((frame) => frame.id));
    for (const [id, element] of this.base.frames) if (!frames.has(id)) drop(element);
    for (const [id, { event, line }] of this.base.undoing) {
      const host = this.base.nodes.get(id);
      const now = this.nodes.find(({ element }) => element === host)?.node;
      if (now?.undone_by !== undefined && this.byId.get(now.undone_by) === childOf(line, 'targetRef')) continue;
      drop(event);
      drop(line);
    }
    for (const element of gone) if (kept.has(element)) gone.delete(element);
    if (gone.size > 0) purge(this.definitions, gone);
  }

  /** What an event undoes, when that is one activity. */
  private writeThrows(): void {
    for (const { node, element } of this.nodes) {
      const activity = node.undoes === undefined ? undefined : this.byId.get(node.undoes);
      const definition = hasProperty(element, 'eventDefinitions') ? listOf(element, 'eventDefinitions')[0] : undefined;
      if (activity !== undefined && definition !== undefined && is(definition, 'CompensateEventDefinition')) definition.set('activityRef', activity);
    }
  }

  private writeUndoing(diagram: DiagramWriter): void {
    for (const { node, element } of this.nodes) {
      const handler = node.undone_by === undefined ? undefined : this.byId.get(node.undone_by);
      if (node.undone_by === undefined || handler === undefined || !is(element, 'Activity')) continue;
      const known = [...(this.base?.undoing ?? [])].find(([id]) => this.base?.nodes.get(id) === element)?.[1];
      let parts = known !== undefined && childOf(known.line, 'targetRef') === handler && childOf(known.event, 'attachedToRef') === element ? known : undefined;
      if (parts === undefined) {
        const level = element.$parent ?? this.process;
        const event = this.moddle.create('bpmn:BoundaryEvent', { id: this.freeId(`${idOf(element)}_undo`, 'undo'), attachedToRef: element });
        add(event, 'eventDefinitions', this.moddle.create('bpmn:CompensateEventDefinition'));
        add(level, 'flowElements', event);
        const line = this.moddle.create('bpmn:Association', {
          id: this.freeId(`${idOf(element)}_undo_line`, 'undo_line'), sourceRef: event, targetRef: handler, associationDirection: 'One',
        });
        add(level, 'artifacts', line);
        parts = { event, line };
      }
      if (is(handler, 'Activity')) put(handler, 'isForCompensation', true);
      diagram.drawUndoing(node, node.undone_by, parts.event, parts.line);
    }
    for (const { node, element } of this.nodes) {
      if (is(element, 'Activity') && element.get('isForCompensation') === true && undoneBy(this.doc, node.id).length === 0 && this.wasHandler(element)) {
        element.set('isForCompensation', undefined);
      }
    }
  }

  private wasHandler(element: BpmnElement): boolean {
    return [...(this.base?.doc.nodes ?? [])].some((node) => node.undone_by !== undefined && this.base?.nodes.get(node.undone_by) === element);
  }

  private writeNotes(diagram: DiagramWriter): void {
    const used = new Set<BpmnElement>();
    for (const [order, note] of (this.doc.notes ?? []).entries()) {
      const known = this.base?.notes.get(note.id);
      const element = known === undefined || used.has(known) ? this.moddle.create('bpmn:TextAnnotation', { id: this.freeId(note.id, 'note') }) : known;
      used.add(element);
      const level = this.container(note.parent);
      if (element.$parent !== level) {
        if (element.$parent !== undefined) remove(element.$parent, 'artifacts', (each) => each === element);
        add(level, 'artifacts', element);
      }
      if ((textOf(element, 'text') ?? '') !== xmlText(note.text)) element.set('text', xmlText(note.text));
      putPiece(this.moddle, element, 'Note', xmlJson(note), order);
      if (element !== known || this.base !== undefined) diagram.drawNote(note.id, element);
    }
  }

  private writeFrames(diagram: DiagramWriter): void {
    const used = new Set<BpmnElement>();
    for (const [order, frame] of (this.doc.layout.frames ?? []).entries()) {
      const known = this.base?.frames.get(frame.id);
      const element = known === undefined || used.has(known) ? this.moddle.create('bpmn:Group', { id: this.freeId(frame.id, 'frame') }) : known;
      used.add(element);
      if (element.$parent === undefined) add(this.container(nodeById(this.doc, frame.nodes[0])?.parent), 'artifacts', element);
      const value = childOf(element, 'categoryValueRef');
      if (value === undefined ? frame.title !== '' || known === undefined : (textOf(value, 'value') ?? '') !== xmlText(frame.title)) {
        if (value === undefined) element.set('categoryValueRef', this.roots.category(frame.title));
        else value.set('value', xmlText(frame.title));
      }
      putPiece(this.moddle, element, 'Frame', xmlJson(frame), order);
      diagram.drawFrame(frame, element, this.sameFrame(frame, element));
    }
  }

  private sameFrame(frame: Frame, element: BpmnElement): boolean {
    const before = this.base?.frames.get(frame.id) === element ? this.base.doc.layout.frames?.find((each) => each.id === frame.id) : undefined;
    const elements = (frames: Frame, of: (id: string) => BpmnElement | undefined): Set<BpmnElement | undefined> => new Set(frames.nodes.map(of));
    if (before === undefined) return false;
    const [was, is] = [elements(before, (id) => this.base?.nodes.get(id)), elements(frame, (id) => this.byId.get(id))];
    return was.size === is.size && [...is].every((each) => was.has(each));
  }

  /** Each node names the flows that come in and go out. */
  private writeLinks(): void {
    const ours = new Set(this.flows.values());
    const ends = new Map<BpmnElement, { incoming: BpmnElement[]; outgoing: BpmnElement[] }>();
    const at = (element: BpmnElement): { incoming: BpmnElement[]; outgoing: BpmnElement[] } => {
      const known = ends.get(element) ?? { incoming: [], outgoing: [] };
      ends.set(element, known);
      return known;
    };
    for (const [edge, flow] of this.flows) {
      const [source, target] = [this.byId.get(edge.from), this.byId.get(edge.to)];
      if (source !== undefined) at(source).outgoing.push(flow);
      if (target !== undefined) at(target).incoming.push(flow);
    }
    for (const { element } of this.nodes) {
      for (const name of ['incoming', 'outgoing'] as const) {
        const now = at(element)[name];
        const before = listOf(element, name);
        const left = before.filter((flow) => !ours.has(flow) || now.includes(flow));
        const next = [...left, ...now.filter((flow) => !left.includes(flow))];
        if (next.length !== before.length || next.some((flow, index) => flow !== before[index])) element.set(name, next);
      }
    }
  }

  /** What belongs to no element: places, flows that end nowhere, what else was kept. */
  private writeDocumentPiece(): void {
    const { nodes: _, edges, notes, layout, ...rest } = this.doc;
    const { frames, ...places } = layout;
    const loose = [...edges.entries()].filter(([, edge]) => !this.flows.has(edge)).map(([order, edge]) => ({ order, edge }));
    const piece = { ...rest, layout: places, ...(notes !== undefined && { notes: true }), ...(frames !== undefined && { frames: true }), ...(loose.length > 0 && { edges: loose }) };
    putPiece(this.moddle, this.process, 'Document', xmlJson(piece));
  }
}

