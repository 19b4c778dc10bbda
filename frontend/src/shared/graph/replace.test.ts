import { describe, expect, it } from 'vitest';

import { insertAfter, insertAt, insertBefore, insertBeside, insertBoundary } from './insert';
import { childrenOf, incoming, nodeById, outgoing, readersOf } from './query';
import { canReplace, replaceNode } from './replace';
import { diamond, line } from './testing';
import { emptyDocument } from './types';

describe('making a step another one', () => {
  it('keeps id, flows, readers and border events', () => {
    const bordered = insertBoundary(diamond(), 'check', 'timer', 'Late');
    const doc = replaceNode(bordered?.doc ?? diamond(), 'check', { kind: 'user_task', title: 'User task' }, true);
    expect(nodeById(doc, 'check')).toMatchObject({ id: 'check', kind: 'user_task', title: 'Check', user: {} });
    expect(nodeById(doc, 'check')).not.toHaveProperty('service');
    expect(incoming(doc, 'check')).toHaveLength(1);
    expect(readersOf(doc, 'check').sort()).toEqual(['decide', 'end', 'yes']);
    expect(nodeById(doc, 'late')?.boundary?.on).toBe('check');
  });

  it('takes the conditions from what is no choice any more', () => {
    const doc = replaceNode(diamond(), 'decide', { kind: 'parallel_gateway', title: 'Parallel' }, false);
    expect(outgoing(doc, 'decide').every((edge) => edge.condition === undefined && edge.default === undefined)).toBe(true);
    expect(nodeById(doc, 'decide')?.title).toBe('Parallel');
    const any = replaceNode(diamond(), 'decide', { kind: 'inclusive_gateway', title: 'Any' }, true);
    expect(outgoing(any, 'decide')[0]?.condition).toBe('=tasks.check.valid');
  });

  it('stays in the family: no gateway becomes a task, no start an end', () => {
    const doc = diamond();
    expect(canReplace(doc, 'decide', { kind: 'script_task' })).toBe(false);
    expect(canReplace(doc, 'start', { kind: 'end_event' })).toBe(false);
    expect(canReplace(doc, 'check', { kind: 'call_activity' })).toBe(true);
    expect(replaceNode(doc, 'decide', { kind: 'script_task', title: '' }, true)).toBe(doc);
  });

  it('keeps what a start asks for and what an end answers', () => {
    const asking = { ...line(), nodes: line().nodes.map((node) => (node.id === 'start' ? { ...node, start: { input_schema: { type: 'object' }, search_keys: ['a'] } } : node)) };
    expect(nodeById(replaceNode(asking, 'start', { kind: 'start_event', startKind: 'webhook', title: '' }, true), 'start')?.start).toEqual({
      kind: 'webhook', webhook: { check: 'path' }, input_schema: { type: 'object' }, search_keys: ['a'],
    });
    const ended = replaceNode(diamond(), 'end', { kind: 'end_event', endKind: 'error', title: '' }, true);
    expect(nodeById(ended, 'end')?.end).toMatchObject({ kind: 'error', output: { ok: '=tasks.check.valid && tasks.no.done' } });
  });

  it('makes an empty sub-process a task, and no other', () => {
    const part = insertAt(emptyDocument(), { kind: 'sub_process', title: 'Part' }, { x: 0, y: 0 });
    const task = replaceNode(part.doc, 'part', { kind: 'script_task', title: 'Script' }, true);
    expect(task.nodes.map((node) => node.kind)).toEqual(['script_task']);
    expect(task.edges).toEqual([]);
    const full = insertAt(part.doc, { kind: 'script_task', title: 'Inner', parent: 'part' }, { x: 100, y: 0 });
    expect(childrenOf(full.doc, 'part')).toHaveLength(3);
    expect(canReplace(full.doc, 'part', { kind: 'script_task' })).toBe(false);
  });

  it('makes a deadline a message that leaves the activity going', () => {
    const bordered = insertBoundary(line(), 'check', 'timer', 'Late')?.doc ?? line();
    const going = { ...bordered, nodes: bordered.nodes.map((node) => (node.boundary === undefined ? node : { ...node, boundary: { ...node.boundary, keeps_running: true } })) };
    expect(nodeById(replaceNode(going, 'late', { kind: 'boundary_event', boundary: 'message', title: '' }, true), 'late')?.boundary).toEqual({
      on: 'check', kind: 'message', message: { name: '', key: '=process.custom_id' }, keeps_running: true,
    });
    expect(nodeById(replaceNode(going, 'late', { kind: 'boundary_event', boundary: 'error', title: '' }, true), 'late')?.boundary).toEqual({ on: 'check', kind: 'error' });
  });
});

describe('inserting around a step', () => {
  it('puts one before it, into its only entry', () => {
    const made = insertBefore(diamond(), 'check', { kind: 'script_task', title: 'New' });
    expect(made && outgoing(made.doc, 'start')[0]?.to).toBe('new');
    expect(made && outgoing(made.doc, 'new')[0]?.to).toBe('check');
    expect(insertBefore(diamond(), 'start', { kind: 'script_task', title: 'New' })).toBeUndefined();
    expect(insertBefore(diamond(), 'check', { kind: 'end_event', title: 'New' })).toBeUndefined();
  });

  it('puts one before several flows with a flow of its own', () => {
    const made = insertBefore(diamond(), 'end', { kind: 'script_task', title: 'New' });
    expect(made && incoming(made.doc, 'end').map((edge) => edge.from)).toEqual(['yes', 'no', 'new']);
  });

  it('puts one more branch above or below', () => {
    const below = insertBeside(diamond(), 'no', 'below', { kind: 'script_task', title: 'New' });
    expect(below && outgoing(below.doc, 'decide').map((edge) => edge.to)).toEqual(['yes', 'no', 'new']);
    expect(below?.doc.layout.nodes?.new?.y).toBeGreaterThan(272);
    const above = insertBeside(diamond(), 'decide', 'above', { kind: 'script_task', title: 'New' });
    expect(above?.doc.layout.nodes?.new?.y).toBeLessThan(-72);
    expect(insertBeside(diamond(), 'check', 'below', { kind: 'script_task', title: 'New' })).toBeUndefined();
  });

  it('gives every kind what it needs', () => {
    const kinds = [
      ['call_activity', { call: { definition: '' } }],
      ['compensation_event', {}],
      ['decision_task', { decision: { hit: 'unique', inputs: [], outputs: ['result'], rules: [] } }],
    ] as const;
    for (const [kind, member] of kinds) {
      const made = insertAfter(line(), 'check', { kind, title: 'New' });
      expect(made && nodeById(made.doc, 'new')).toMatchObject({ kind, ...member });
    }
    const start = insertAt(line(), { kind: 'start_event', startKind: 'schedule', title: 'Daily' }, { x: 0, y: 400 });
    expect(nodeById(start.doc, 'daily')?.start).toEqual({ kind: 'schedule', schedule: { cron: '0 9 * * 1-5' } });
  });
});
