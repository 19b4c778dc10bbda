// One element of a BPMN file as a node of our graph, from what BPMN itself says. What the engine has no kind for gives nothing:
// it is kept in the document's extensions, and not run.

import type { BoundaryEvent, EndEvent, GraphNode, Multi, StartEvent, Timer } from '../graph/types';
import { readCondition, readText } from './expression';
import { childOf, flagOf, is, listOf, textOf, type BpmnElement } from './moddle';

export interface NodeReading {
  /** Without an id, a title and a place: those are the reader's business. */
  node: Omit<GraphNode, 'id' | 'title'>;
  /** Keys of the texts of interchange, below "line": what is not as it was. */
  changes: readonly string[];
  /** Properties of the element that the node says by itself. */
  said: readonly string[];
}

const GATEWAYS = {
  ExclusiveGateway: 'exclusive_gateway', ParallelGateway: 'parallel_gateway', InclusiveGateway: 'inclusive_gateway', EventBasedGateway: 'event_gateway',
} as const;

export function readNode(element: BpmnElement): NodeReading | undefined {
  if (is(element, 'StartEvent')) return readStart(element);
  if (is(element, 'EndEvent')) return readEnd(element);
  if (is(element, 'BoundaryEvent')) return readBoundary(element);
  if (is(element, 'IntermediateCatchEvent')) return readCatch(element);
  if (is(element, 'IntermediateThrowEvent')) return readThrow(element);
  for (const [type, kind] of Object.entries(GATEWAYS)) {
    if (!is(element, type)) continue;
    const begins = type === 'EventBasedGateway' && flagOf(element, 'instantiate');
    return { node: { kind }, changes: begins ? ['gateway_starts'] : [], said: ['default', 'eventGatewayType'] };
  }
  return is(element, 'Activity') ? readActivity(element) : undefined;
}

export function eventDefinitions(element: BpmnElement): readonly BpmnElement[] {
  return [...listOf(element, 'eventDefinitions'), ...listOf(element, 'eventDefinitionRef')];
}

/** The definition of an event that waits for one thing. */
function only(element: BpmnElement): BpmnElement | undefined {
  const definitions = eventDefinitions(element);
  return definitions.length === 1 ? definitions[0] : undefined;
}

const EVENT = ['eventDefinitions', 'eventDefinitionRef'];

function readStart(element: BpmnElement): NodeReading {
  const definition = only(element);
  const reading = (start: StartEvent, ...changes: string[]): NodeReading => ({ node: { kind: 'start_event', start }, changes, said: ['isInterrupting', ...EVENT] });
  if (eventDefinitions(element).length === 0) return reading({});
  if (definition !== undefined && is(definition, 'TimerEventDefinition')) {
    const timer = readTimer(definition);
    const schedule = { cron: timer.value };
    return timer.kind === 'cron' ? reading({ kind: 'schedule', schedule }, ...cronChanges(timer)) : reading({ kind: 'schedule', schedule }, 'start_time');
  }
  if (definition !== undefined && is(definition, 'MessageEventDefinition')) return reading({ kind: 'message', message: messageName(definition) });
  return { ...reading({}, 'start_plain'), said: ['isInterrupting'] };
}

/** The activity that an event undoes, when it names one. */
export function undoesOf(element: BpmnElement): BpmnElement | undefined {
  const definition = only(element);
  return definition !== undefined && is(definition, 'CompensateEventDefinition') ? childOf(definition, 'activityRef') : undefined;
}

function readEnd(element: BpmnElement): NodeReading {
  const definition = only(element);
  const reading = (end: EndEvent, ...changes: string[]): NodeReading => ({ node: { kind: 'end_event', end }, changes, said: EVENT });
  if (eventDefinitions(element).length === 0) return reading({ kind: 'none' });
  if (definition === undefined) return { ...reading({ kind: 'none' }, 'end_plain'), said: [] };
  if (is(definition, 'TerminateEventDefinition')) return reading({ kind: 'terminate' });
  if (is(definition, 'CompensateEventDefinition')) return reading({ kind: 'compensate' });
  if (is(definition, 'ErrorEventDefinition')) {
    const code = errorCode(definition);
    return reading({ kind: 'error', ...(code !== '' && { code }) });
  }
  return { ...reading({ kind: 'none' }, 'end_plain'), said: [] };
}

function readCatch(element: BpmnElement): NodeReading | undefined {
  const definition = only(element);
  if (definition === undefined) return undefined;
  if (is(definition, 'TimerEventDefinition')) {
    const timer = readTimer(definition);
    return { node: { kind: 'timer_event', timer }, changes: cronChanges(timer), said: EVENT };
  }
  if (!is(definition, 'MessageEventDefinition')) return undefined;
  return { node: { kind: 'message_event', message: { name: messageName(definition), key: '' } }, changes: ['message_key'], said: EVENT };
}

function readThrow(element: BpmnElement): NodeReading | undefined {
  const definition = only(element);
  if (definition === undefined) return undefined;
  if (is(definition, 'CompensateEventDefinition')) {
    return { node: { kind: 'compensation_event' }, changes: [], said: EVENT };
  }
  // What sends a message is a step of a worker here.
  return is(definition, 'MessageEventDefinition') ? { node: { kind: 'service_task', service: { type: '' } }, changes: ['sends', 'no_type'], said: [] } : undefined;
}

/** The activity, and whether the event is compensation's, are read by whoever knows the others. */
function readBoundary(element: BpmnElement): NodeReading | undefined {
  const definitions = eventDefinitions(element);
  const definition = definitions[0];
  if (definition === undefined) return undefined;
  const keeps = element.get('cancelActivity') === false ? { keeps_running: true } : {};
  const reading = (boundary: Omit<BoundaryEvent, 'on'>, ...changes: string[]): NodeReading => ({
    node: { kind: 'boundary_event', boundary: { on: '', ...boundary } }, changes, said: ['cancelActivity', 'attachedToRef', ...EVENT],
  });
  if (definitions.every((each) => is(each, 'ErrorEventDefinition'))) {
    const codes = definitions.map(errorCode).filter((code) => code !== '');
    return reading({ kind: 'error', ...(codes.length > 0 && { codes }) });
  }
  if (definitions.length > 1) return undefined;
  if (is(definition, 'TimerEventDefinition')) {
    const timer = readTimer(definition);
    return reading({ kind: 'timer', ...keeps, timer }, ...cronChanges(timer));
  }
  if (is(definition, 'MessageEventDefinition')) return reading({ kind: 'message', ...keeps, message: { name: messageName(definition), key: '' } }, 'message_key');
  return undefined;
}

function readActivity(element: BpmnElement): NodeReading | undefined {
  const multi = readMulti(element);
  const reading = (node: NodeReading['node'], changes: readonly string[] = [], said: readonly string[] = []): NodeReading => ({
    node: { ...node, ...(multi !== undefined && { multi }) },
    changes: [...changes, ...(multi?.items === '' ? ['multi_items'] : [])],
    said: ['isForCompensation', ...(multi === undefined ? [] : ['loopCharacteristics']), ...said],
  });
  if (is(element, 'SubProcess')) {
    if (flagOf(element, 'triggeredByEvent')) return undefined;
    const changes = is(element, 'Transaction') ? ['transaction'] : is(element, 'AdHocSubProcess') ? ['ad_hoc'] : [];
    return reading({ kind: 'sub_process' }, changes, ['flowElements', 'artifacts']);
  }
  if (is(element, 'CallActivity')) return reading({ kind: 'call_activity', call: { definition: textOf(element, 'calledElement') ?? '' } }, [], ['calledElement']);
  if (is(element, 'UserTask')) return reading({ kind: 'user_task', user: {} });
  if (is(element, 'ManualTask')) return reading({ kind: 'user_task', user: {} }, ['manual']);
  if (is(element, 'ScriptTask')) return reading({ kind: 'script_task', script: { output: {} } }, ['script']);
  if (is(element, 'BusinessRuleTask')) return reading({ kind: 'decision_task', decision: { hit: 'unique', inputs: [], outputs: [], rules: [] } }, ['rules']);
  if (is(element, 'ReceiveTask') && multi === undefined && !carriesEvents(element)) {
    const message = { name: textOf(childOf(element, 'messageRef'), 'name') ?? '', key: '' };
    return reading({ kind: 'message_event', message }, flagOf(element, 'instantiate') ? ['receives', 'message_key', 'receive_starts'] : ['receives', 'message_key'], ['messageRef']);
  }
  if (is(element, 'Task')) {
    const changes = is(element, 'ServiceTask') ? ['no_type'] : is(element, 'SendTask') ? ['sends', 'no_type'] : is(element, 'ReceiveTask') ? ['receives_task', 'no_type'] : ['task', 'no_type'];
    return reading({ kind: 'service_task', service: { type: '' } }, changes);
  }
  return undefined;
}

/** A message event of ours has no border for events to stand on. */
function carriesEvents(element: BpmnElement): boolean {
  const level = element.$parent;
  return level !== undefined && listOf(level, 'flowElements').some((each) => is(each, 'BoundaryEvent') && childOf(each, 'attachedToRef') === element);
}

function readMulti(element: BpmnElement): Multi | undefined {
  const loop = childOf(element, 'loopCharacteristics');
  if (loop === undefined || !is(loop, 'MultiInstanceLoopCharacteristics')) return undefined;
  const count = readText(bodyOf(childOf(loop, 'loopCardinality')));
  const until = readCondition(bodyOf(childOf(loop, 'completionCondition')));
  return {
    items: /^\d{1,9}$/.test(count) ? Number(count) : count,
    ...(flagOf(loop, 'isSequential') && { sequential: true }),
    ...(until !== undefined && { until }),
  };
}

export function bodyOf(expression: BpmnElement | undefined): string | undefined {
  return textOf(expression, 'body');
}

function readTimer(definition: BpmnElement): Timer {
  for (const [property, kind] of [['timeDuration', 'duration'], ['timeDate', 'date'], ['timeCycle', 'cron']] as const) {
    const expression = childOf(definition, property);
    if (expression !== undefined) return { kind, value: readText(bodyOf(expression)) };
  }
  return { kind: 'duration', value: '' };
}

/** "R3/PT10M" repeats an interval; our rules are cron's. */
function cronChanges(timer: Timer): string[] {
  if (timer.value === '') return ['no_time'];
  return timer.kind === 'cron' && /^R\d*\//i.test(timer.value) ? ['interval'] : [];
}

function messageName(definition: BpmnElement): string {
  return textOf(childOf(definition, 'messageRef'), 'name') ?? '';
}

function errorCode(definition: BpmnElement): string {
  const error = childOf(definition, 'errorRef');
  return textOf(error, 'errorCode') ?? textOf(error, 'name') ?? '';
}
