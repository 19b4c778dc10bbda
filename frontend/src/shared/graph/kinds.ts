// What the kinds of node have in common: their shape, whether flows come in and go out, whether they give an output.

import type { GraphNode, NodeKind } from './types';

export type Shape = 'task' | 'event' | 'gateway' | 'frame';

interface KindFacts {
  shape: Shape;
  /** Expressions downstream may read what it gives. */
  output?: boolean;
  noEntry?: boolean;
  noExit?: boolean;
}

const FACTS: Readonly<Record<NodeKind, KindFacts>> = {
  start_event: { shape: 'event', noEntry: true },
  end_event: { shape: 'event', noExit: true },
  service_task: { shape: 'task', output: true },
  script_task: { shape: 'task', output: true },
  user_task: { shape: 'task', output: true },
  decision_task: { shape: 'task', output: true },
  call_activity: { shape: 'task', output: true },
  sub_process: { shape: 'frame', output: true },
  exclusive_gateway: { shape: 'gateway' },
  inclusive_gateway: { shape: 'gateway' },
  parallel_gateway: { shape: 'gateway' },
  event_gateway: { shape: 'gateway' },
  timer_event: { shape: 'event' },
  message_event: { shape: 'event', output: true },
  compensation_event: { shape: 'event' },
  boundary_event: { shape: 'event', noEntry: true },
};

export const NODE_KINDS = Object.keys(FACTS) as NodeKind[];

export const shapeOf = (kind: NodeKind): Shape => FACTS[kind].shape;

/** An activity: it takes time or may fail, and may carry events on its border (BPMN 2.0.2 §10.3). */
export function isTask(kind: NodeKind): boolean {
  return FACTS[kind].shape === 'task' || FACTS[kind].shape === 'frame';
}

/** What may give a pinned output in a test run instead of doing what it does. */
export function isMockable(kind: NodeKind): boolean {
  return isTask(kind) || kind === 'timer_event' || kind === 'message_event';
}

export function isGateway(kind: NodeKind): boolean {
  return FACTS[kind].shape === 'gateway';
}

/** Gateways whose flows have conditions and one that is taken otherwise. */
export function isChoice(kind: NodeKind | undefined): boolean {
  return kind === 'exclusive_gateway' || kind === 'inclusive_gateway';
}

export const takesEntry = (kind: NodeKind): boolean => FACTS[kind].noEntry !== true;

export const hasExit = (kind: NodeKind): boolean => FACTS[kind].noExit !== true;

export function givesOutput(node: GraphNode): boolean {
  if (node.kind === 'boundary_event') return node.boundary?.kind !== 'timer';
  return FACTS[node.kind].output === true;
}
