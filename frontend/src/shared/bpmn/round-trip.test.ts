// What is written here comes back from the file as it was, to the byte.

import { describe, expect, it } from 'vitest';

import { stable } from '../compare/compare';
import { TEMPLATES, type TemplateName } from '../definition/templates';
import { diamond, line } from '../graph/testing';
import type { GraphDocument, GraphNode } from '../graph/types';
import { everything } from './testing';
import { readBpmn } from './import';
import { writeBpmn } from './write';

const about = { key: 'document-check', title: 'Document check' };

async function thereAndBack(doc: GraphDocument): Promise<Awaited<ReturnType<typeof readBpmn>>> {
  const { xml } = await writeBpmn(doc, about);
  return readBpmn(new TextEncoder().encode(xml));
}

async function expectSame(doc: GraphDocument): Promise<void> {
  const read = await thereAndBack(doc);
  expect(stable(read.document)).toBe(stable(doc));
  expect(read.exact).toBe(true);
  expect(read.lines.filter((line) => line.outcome === 'lost' || line.outcome === 'changed')).toEqual([]);
}

const NODES: readonly GraphNode[] = everything().nodes;

describe('a document in a BPMN file', () => {
  it.each(NODES.map((node) => [node.id, node] as const))('comes back with its node %s', async (_id, node) => {
    const all = everything();
    const held = [node, ...all.nodes.filter((each) => each.id === node.boundary?.on || each.id === node.undone_by || each.id === node.parent)];
    await expectSame({ ...all, nodes: held, edges: [], notes: [], layout: { nodes: all.layout.nodes ?? {} } });
  });

  it('comes back with everything at once', async () => {
    await expectSame(everything());
    await expectSame(line());
    await expectSame(diamond());
  });

  it.each(['blank', 'document_check', 'letter', 'at_once'] satisfies TemplateName[])('comes back when it began as the template %s', async (name) => {
    await expectSame(TEMPLATES[name]('ru'));
  });

  it.each<[string, Partial<GraphDocument>]>([
    ['a flow that ends nowhere', { edges: [{ id: 'e1', from: 'start', to: 'gone' }, { id: 'e2', from: 'start', to: 'check' }] }],
    ['the same id twice', { nodes: [...line().nodes, { id: 'check', kind: 'script_task', title: 'Again', script: { output: {} } }] }],
    ['an event on a border of nothing', { nodes: [...line().nodes, { id: 'late', kind: 'boundary_event', title: '', boundary: { on: 'gone', kind: 'timer' } }] }],
    ['sub-processes in a circle', { nodes: [{ id: 'a', kind: 'sub_process', title: 'A', parent: 'b' }, { id: 'b', kind: 'sub_process', title: 'B', parent: 'a' }], edges: [] }],
    ['ids that are none in XML', { edges: [{ id: '1 <2>', from: 'start', to: 'check' }, { id: 'start', from: 'check', to: 'end' }] }],
    ['texts with what XML can’t hold', { nodes: [{ id: 'start', kind: 'start_event', title: 'a\u0000b\u000b\ud800\uffff\t"<&>]]>\r\nя', doc: ' \n ', start: {} }], edges: [] }],
    ['places of what is not there', { layout: { nodes: { gone: { x: 1.25, y: -7 }, start: { x: 0.1, y: 1e21 } } } }],
    ['no places at all', { layout: {} }],
    ['empty lists', { notes: [], layout: { frames: [], nodes: {} } }],
    ['extensions of somebody else', { extensions: { other: { 'a b': [1, null, '</x>'] }, bpmn: 'not ours' } }],
  ])('comes back with %s', async (_name, part) => {
    const doc: GraphDocument = { ...line(), ...part };
    const read = await thereAndBack(doc);
    expect(stable(read.document)).toBe(stable(doc));
  });

  it('is the same file each time', async () => {
    const [one, two] = [await writeBpmn(everything(), about), await writeBpmn(everything(), about)];
    expect(two.xml).toBe(one.xml);
    const again = await writeBpmn((await readBpmn(new TextEncoder().encode(one.xml))).document, about);
    expect(again.xml).toBe(one.xml);
  });
});
