// Small documents for tests, and numbers that are the same in every run.

import type { GraphDocument } from './types';

/** start → check → end */
export function line(): GraphDocument {
  return {
    schema: 1,
    nodes: [
      { id: 'start', kind: 'start_event', title: 'Start', start: {} },
      { id: 'check', kind: 'service_task', title: 'Check', service: { type: 'document.inspect@1' } },
      { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
    ],
    edges: [
      { id: 'e1', from: 'start', to: 'check' },
      { id: 'e2', from: 'check', to: 'end' },
    ],
    layout: { nodes: { start: { x: 0, y: 14 }, check: { x: 116, y: 0 }, end: { x: 408, y: 14 } } },
  };
}

/** start → check → decide → yes | no → end, with readings of check everywhere. */
export function diamond(): GraphDocument {
  return {
    schema: 1,
    nodes: [
      { id: 'start', kind: 'start_event', title: 'Start', start: {} },
      { id: 'check', kind: 'service_task', title: 'Check', service: { type: 'document.inspect@1' } },
      { id: 'decide', kind: 'exclusive_gateway', title: 'Decide' },
      {
        id: 'yes',
        kind: 'service_task',
        title: 'Yes',
        service: { type: 'mail.send@1', input: { text: 'Pages: {{tasks.check.pages}}', list: ['=tasks.check.problems'], plain: 'tasks.check' } },
      },
      { id: 'no', kind: 'script_task', title: 'No', script: { output: { done: '=true' } } },
      { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none', output: { ok: '=tasks.check.valid && tasks.no.done' } } },
    ],
    edges: [
      { id: 'e1', from: 'start', to: 'check' },
      { id: 'e2', from: 'check', to: 'decide' },
      { id: 'e3', from: 'decide', to: 'yes', title: 'yes', condition: '=tasks.check.valid' },
      { id: 'e4', from: 'decide', to: 'no', default: true },
      { id: 'e5', from: 'yes', to: 'end' },
      { id: 'e6', from: 'no', to: 'end' },
    ],
    layout: {
      nodes: {
        start: { x: 0, y: 114 },
        check: { x: 116, y: 100 },
        decide: { x: 408, y: 114 },
        yes: { x: 580, y: 0 },
        no: { x: 580, y: 200 },
        end: { x: 900, y: 114 },
      },
    },
  };
}

/** A generator of numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
