// A node of our graph as an element of a BPMN file, as far as BPMN has words for it.

import { stable } from '../compare/compare';
import type { GraphNode, NodeKind, Timer } from '../graph/types';
import { xmlText } from './expression';
import { add, childOf, hasProperty, is, listOf, textOf, type BpmnElement, type Moddle } from './moddle';

const TYPES: Readonly<Record<NodeKind, string>> = {
  start_event: 'StartEvent',
  end_event: 'EndEvent',
  service_task: 'ServiceTask',
  script_task: 'ScriptTask',
  user_task: 'UserTask',
  decision_task: 'BusinessRuleTask',
  call_activity: 'CallActivity',
  sub_process: 'SubProcess',
  exclusive_gateway: 'ExclusiveGateway',
  inclusive_gateway: 'InclusiveGateway',
  parallel_gateway: 'ParallelGateway',
  event_gateway: 'EventBasedGateway',
  timer_event: 'IntermediateCatchEvent',
  message_event: 'IntermediateCatchEvent',
  compensation_event: 'IntermediateThrowEvent',
  boundary_event: 'BoundaryEvent',
};

export const typeOf = (kind: NodeKind): string => `bpmn:${TYPES[kind]}`;

/** What the elements of a process refer to: messages, errors, categories. */
export class Roots {
  constructor(
    private readonly moddle: Moddle,
    private readonly definitions: BpmnElement,
    private readonly freeId: (wished: string, fallback: string) => string,
  ) {}

  message(name: string): BpmnElement | undefined {
    return name === '' ? undefined : this.root('Message', 'name', name, 'message', () => ({ name: xmlText(name) }));
  }

  error(code: string): BpmnElement | undefined {
    return code === '' ? undefined : this.root('Error', 'errorCode', code, 'error', () => ({ name: xmlText(code), errorCode: xmlText(code) }));
  }

  /** A value to name a group by. */
  category(title: string): BpmnElement {
    const roots = listOf(this.definitions, 'rootElements');
    let category = roots.find((root) => is(root, 'Category') && textOf(root, 'name') === GROUPS);
    if (category === undefined) {
      category = this.moddle.create('bpmn:Category', { id: this.freeId('groups', 'groups'), name: GROUPS });
      add(this.definitions, 'rootElements', category);
    }
    const value = this.moddle.create('bpmn:CategoryValue', { id: this.freeId('group_title', 'group_title'), value: xmlText(title) });
    add(category, 'categoryValue', value);
    return value;
  }

  private root(type: string, property: string, value: string, id: string, make: () => Record<string, string>): BpmnElement {
    const known = listOf(this.definitions, 'rootElements').find((root) => is(root, type) && textOf(root, property) === xmlText(value));
    if (known !== undefined) return known;
    const made = this.moddle.create(`bpmn:${type}`, { id: this.freeId(id, id), ...make() });
    // What is referred to stands before what refers to it.
    made.$parent = this.definitions;
    (this.definitions.get('rootElements') as BpmnElement[]).unshift(made);
    return made;
  }
}

const GROUPS = 'taskurotta groups';

export class NodeWriter {
  constructor(
    private readonly moddle: Moddle,
    private readonly roots: Roots,
  ) {}

  /** Writes what differs from what the element was read as; all of it when the element is new. */
  write(element: BpmnElement, node: GraphNode, before: GraphNode | undefined): void {
    if (xmlText(node.title) !== (textOf(element, 'name') ?? '')) element.set('name', node.title === '' ? undefined : xmlText(node.title));
    this.writeDoc(element, node.doc);
    const event = [node.start, node.end, node.timer, node.message, unplaced(node)];
    const was = before === undefined ? undefined : [before.start, before.end, before.timer, before.message, unplaced(before)];
    if (was === undefined || stable(event) !== stable(was)) this.writeEvent(element, node);
    if (stable(node.multi) !== stable(before?.multi)) this.writeMulti(element, node);
    if (node.call !== undefined && node.call.definition !== before?.call?.definition) element.set('calledElement', xmlText(node.call.definition));
  }

  private writeDoc(element: BpmnElement, doc: string | undefined): void {
    const [first, ...others] = listOf(element, 'documentation');
    const text = doc === undefined ? undefined : xmlText(doc);
    if (text === (first === undefined ? undefined : (textOf(first, 'text') ?? ''))) return;
    if (text === undefined) element.set('documentation', others);
    else if (first !== undefined) first.set('text', text);
    else add(element, 'documentation', this.moddle.create('bpmn:Documentation', { text }));
  }

  expression(body: string): BpmnElement {
    return this.moddle.create('bpmn:FormalExpression', { body: xmlText(body) });
  }

  private writeEvent(element: BpmnElement, node: GraphNode): void {
    if (is(element, 'ReceiveTask')) element.set('messageRef', this.roots.message(node.message?.name ?? ''));
    if (!hasProperty(element, 'eventDefinitions')) return;
    const definitions = this.definitionsOf(node);
    for (const definition of definitions) definition.$parent = element;
    element.set('eventDefinitions', definitions);
    if (node.boundary !== undefined) element.set('cancelActivity', node.boundary.keeps_running === true ? false : undefined);
  }

  private definitionsOf(node: GraphNode): BpmnElement[] {
    const { start, end, boundary } = node;
    if (node.kind === 'compensation_event' || end?.kind === 'compensate') return [this.moddle.create('bpmn:CompensateEventDefinition')];
    if (end?.kind === 'terminate') return [this.moddle.create('bpmn:TerminateEventDefinition')];
    if (end?.kind === 'error') return [this.error(end.code ?? '')];
    if (start?.kind === 'schedule') return [this.timer({ kind: 'cron', value: start.schedule?.cron ?? '' })];
    if (start?.kind === 'message' || start?.kind === 'webhook') return [this.message(start.message ?? '')];
    if (boundary?.kind === 'error') return (boundary.codes === undefined || boundary.codes.length === 0 ? [''] : boundary.codes).map((code) => this.error(code));
    const timer = node.timer ?? (boundary?.kind === 'timer' ? (boundary.timer ?? { kind: 'duration', value: '' }) : undefined);
    if (timer !== undefined) return [this.timer(timer)];
    const message = node.message ?? (boundary?.kind === 'message' ? (boundary.message ?? { name: '', key: '' }) : undefined);
    return message === undefined ? [] : [this.message(message.name)];
  }

  private timer({ kind, value }: Timer): BpmnElement {
    const property = kind === 'duration' ? 'timeDuration' : kind === 'date' ? 'timeDate' : 'timeCycle';
    return this.moddle.create('bpmn:TimerEventDefinition', { [property]: this.expression(value) });
  }

  private error(code: string): BpmnElement {
    return this.moddle.create('bpmn:ErrorEventDefinition', { errorRef: this.roots.error(code) });
  }

  private message(name: string): BpmnElement {
    return this.moddle.create('bpmn:MessageEventDefinition', { messageRef: this.roots.message(name) });
  }

  private writeMulti(element: BpmnElement, { multi }: GraphNode): void {
    if (!hasProperty(element, 'loopCharacteristics')) return;
    if (multi === undefined) {
      element.set('loopCharacteristics', undefined);
      return;
    }
    const old = childOf(element, 'loopCharacteristics');
    const loop = old !== undefined && is(old, 'MultiInstanceLoopCharacteristics') ? old : this.moddle.create('bpmn:MultiInstanceLoopCharacteristics');
    loop.$parent = element;
    loop.set('isSequential', multi.sequential === true ? true : undefined);
    const count = typeof multi.items === 'number' ? String(multi.items) : typeof multi.items === 'string' ? multi.items : JSON.stringify(multi.items);
    loop.set('loopCardinality', count === '' ? undefined : this.expression(count));
    loop.set('completionCondition', multi.until === undefined ? undefined : this.expression(multi.until));
    element.set('loopCharacteristics', loop);
  }
}

/** What a boundary event waits for, wherever it stands. */
function unplaced(node: GraphNode): unknown {
  if (node.boundary === undefined) return undefined;
  const { on: _, ...rest } = node.boundary;
  return rest;
}
