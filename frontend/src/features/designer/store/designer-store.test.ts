import { describe, expect, it, vi } from 'vitest';

import { copyFragment, pasteFragment } from '@/shared/graph/clipboard';
import { connect, reconnect, removeEdges, removeNodes, removeNodesClosingGaps, renameNode, setTitle, updateEdge, updateNode, withPlaces } from '@/shared/graph/edit';
import { insertAfter, insertAt, insertOnEdge } from '@/shared/graph/insert';
import { diamond } from '@/shared/graph/testing';
import type { GraphDocument } from '@/shared/graph/types';

import { writeInput } from '../model/input-fields';
import { createDesignerStore } from './designer-store';
import { MAX_STEPS } from './history';

const step = { key: 'step.tidy' };

const INTENTS: readonly [name: string, change: (doc: GraphDocument) => GraphDocument][] = [
  ['insert at a point', (doc) => insertAt(doc, { kind: 'script_task', title: 'New' }, { x: 10, y: 700 }).doc],
  ['insert on a flow', (doc) => insertOnEdge(doc, 'e2', { kind: 'parallel_gateway', title: 'Both' })?.doc ?? doc],
  ['insert after', (doc) => insertAfter(doc, 'decide', { kind: 'service_task', title: 'Third', type: 'x@1' })?.doc ?? doc],
  ['connect', (doc) => connect(doc, 'decide', 'end').doc],
  ['reconnect', (doc) => reconnect(doc, 'e3', 'decide', 'end')],
  ['remove a flow', (doc) => removeEdges(doc, new Set(['e5']))],
  ['remove a node', (doc) => removeNodes(doc, new Set(['yes']))],
  ['remove and close', (doc) => removeNodesClosingGaps(doc, ['check'])],
  ['move', (doc) => withPlaces(doc, { yes: { x: 1, y: 2 } })],
  ['title', (doc) => setTitle(doc, 'yes', 'Letter')],
  ['rename', (doc) => renameNode(doc, 'check', 'inspect')],
  ['label a flow', (doc) => updateEdge(doc, 'e3', { title: 'да' })],
  ['condition', (doc) => updateEdge(doc, 'e3', { condition: '=true' })],
  ['default', (doc) => updateEdge(doc, 'e3', { default: true })],
  ['parameter', (doc) => updateNode(doc, 'yes', (node) => ({ ...node, service: { type: 'mail.send@1', input: { to: '=input.email' } } }))],
  ['retry', (doc) => updateNode(doc, 'yes', (node) => (node.service ? { ...node, service: { ...node.service, retry: { max_attempts: 5 } } } : node))],
  ['end kind', (doc) => updateNode(doc, 'end', (node) => ({ ...node, end: { kind: 'error', code: 'NO' } }))],
  ['input fields', (doc) => updateNode(doc, 'start', (node) => ({ ...node, start: writeInput(node.start ?? {}, []) }))],
  ['describe', (doc) => updateNode(doc, 'yes', (node) => ({ ...node, doc: 'Tells the applicant.' }))],
  ['paste', (doc) => pasteFragment(doc, copyFragment(doc, { nodes: ['yes', 'no'] }), { offset: { x: 32, y: 32 } }).doc],
];

describe('undo and redo', () => {
  it.each(INTENTS)('%s: undo, redo, undo leave the document byte for byte', (_name, change) => {
    const store = createDesignerStore(diamond());
    const before = JSON.stringify(store.getState().doc);
    store.getState().edit({ label: step, doc: change(store.getState().doc) });
    const after = JSON.stringify(store.getState().doc);
    expect(after).not.toBe(before);
    store.getState().undo();
    expect(JSON.stringify(store.getState().doc)).toBe(before);
    store.getState().redo();
    expect(JSON.stringify(store.getState().doc)).toBe(after);
    store.getState().undo();
    expect(JSON.stringify(store.getState().doc)).toBe(before);
    expect(store.getState().history.past).toHaveLength(0);
  });

  it('goes back through all of them in turn', () => {
    const store = createDesignerStore(diamond());
    const seen = [JSON.stringify(store.getState().doc)];
    for (const [, change] of INTENTS) {
      store.getState().edit({ label: step, doc: change(store.getState().doc) });
      const text = JSON.stringify(store.getState().doc);
      if (text !== seen.at(-1)) seen.push(text);
    }
    expect(store.getState().history.past).toHaveLength(seen.length - 1);
    for (const text of [...seen].reverse()) {
      expect(JSON.stringify(store.getState().doc)).toBe(text);
      store.getState().undo();
    }
  });

  it('counts typing into one field as one step, until the field is left', () => {
    const store = createDesignerStore(diamond());
    const type = (title: string): void => {
      const { doc, edit } = store.getState();
      edit({ label: step, doc: setTitle(doc, 'yes', title), typing: 'yes/title' });
    };
    ['L', 'Le', 'Let'].forEach(type);
    store.getState().endTyping();
    ['Lett', 'Letter'].forEach(type);
    expect(store.getState().history.past).toHaveLength(2);
    store.getState().undo();
    expect(store.getState().doc.nodes.find((node) => node.id === 'yes')?.title).toBe('Let');
    store.getState().undo();
    expect(store.getState().doc).toEqual(diamond());
  });

  it('records nothing for an edit that changes nothing, and forgets the oldest', () => {
    const store = createDesignerStore(diamond());
    const { doc, edit } = store.getState();
    edit({ label: step, doc });
    expect(store.getState().history.past).toHaveLength(0);
    for (let n = 0; n < MAX_STEPS + 20; n++) edit({ label: step, doc: setTitle(store.getState().doc, 'yes', `T${n}`) });
    expect(store.getState().history.past).toHaveLength(MAX_STEPS);
  });

  it('brings the selection back, and drops from it what is gone', () => {
    const store = createDesignerStore(diamond());
    store.getState().select({ nodes: ['yes'], edges: [] });
    store.getState().edit({ label: step, doc: removeNodes(store.getState().doc, new Set(['yes'])) });
    expect(store.getState().selection.nodes).toEqual([]);
    store.getState().undo();
    expect(store.getState().selection.nodes).toEqual(['yes']);
  });

  it('tells nobody about a selection that is the same', () => {
    const store = createDesignerStore(diamond());
    const listener = vi.fn();
    store.getState().select({ nodes: ['yes'], edges: [] });
    store.subscribe(listener);
    store.getState().select({ nodes: ['yes'], edges: [] });
    expect(listener).not.toHaveBeenCalled();
  });
});
