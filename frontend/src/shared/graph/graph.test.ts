import { describe, expect, it } from 'vitest';

import { copyFragment, parseFragment, pasteFragment } from './clipboard';
import { canConnect } from './connect';
import { connect, reconnect, removeEdges, removeNodes, removeNodesClosingGaps, renameNode, setTitle, updateEdge } from './edit';
import { boxOf, boxesOverlap, centreOf, snapPlace } from './geometry';
import { insertAfter, insertAt, insertBoundary, insertOnEdge, spliceExisting } from './insert';
import { downstream, incoming, nodeById, outgoing, readersOf, upstream, walk } from './query';
import { addFrame, addNote } from './remarks';
import { diamond, line, random } from './testing';
import { emptyDocument, type GraphDocument, type NodeKind } from './types';

function checkSound(doc: GraphDocument): void {
  const ids = new Set(doc.nodes.map((node) => node.id));
  expect(ids.size).toBe(doc.nodes.length);
  expect(new Set(doc.edges.map((edge) => edge.id)).size).toBe(doc.edges.length);
  for (const edge of doc.edges) {
    expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true);
    expect(nodeById(doc, edge.from)?.kind).not.toBe('end_event');
    expect(nodeById(doc, edge.to)?.kind).not.toBe('start_event');
  }
  expect(new Set(Object.keys(doc.layout.nodes ?? {}))).toEqual(ids);
  for (const node of doc.nodes) expect(node.id).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
}

describe('inserting', () => {
  it('puts a step into a flow and pushes the rest to the right', () => {
    const before = line();
    const inserted = insertOnEdge(before, 'e1', { kind: 'service_task', title: 'Проверить', type: 'document.inspect@1' });
    expect(inserted?.id).toBe('proverit');
    const doc = inserted?.doc ?? before;
    expect(outgoing(doc, 'start').map((edge) => edge.to)).toEqual(['proverit']);
    expect(outgoing(doc, 'proverit').map((edge) => edge.to)).toEqual(['check']);
    expect(doc.layout.nodes?.check?.x).toBeGreaterThan(before.layout.nodes?.check?.x ?? 0);
    const boxes = doc.nodes.map((node) => boxOf(doc, node));
    boxes.forEach((box, index) => {
      for (const other of boxes.slice(index + 1)) expect(boxesOverlap(box, other)).toBe(false);
    });
    checkSound(doc);
  });

  it('keeps the condition on the half that leaves the gateway', () => {
    const doc = insertOnEdge(diamond(), 'e3', { kind: 'script_task', title: 'Set' })?.doc ?? diamond();
    const branch = doc.edges.find((edge) => edge.id === 'e3');
    expect(branch).toMatchObject({ from: 'decide', to: 'set', condition: '=tasks.check.valid' });
    expect(outgoing(doc, 'set')[0]?.condition).toBeUndefined();
  });

  it('continues a task through its only exit, and a gateway by a new branch that covers nothing', () => {
    const after = insertAfter(line(), 'start', { kind: 'service_task', title: 'New', type: 'x@1' });
    expect(after && outgoing(after.doc, 'new').map((edge) => edge.to)).toEqual(['check']);
    const branch = insertAfter(diamond(), 'decide', { kind: 'service_task', title: 'Third', type: 'x@1' });
    expect(branch && outgoing(branch.doc, 'decide')).toHaveLength(3);
    expect(branch && new Set(branch.doc.nodes.map((node) => JSON.stringify(boxOf(branch.doc, node)))).size).toBe(branch?.doc.nodes.length);
  });

  it('leaves an end free that can not follow', () => {
    const inserted = insertAfter(line(), 'check', { kind: 'end_event', title: 'Other end' });
    expect(inserted && incoming(inserted.doc, inserted.id)).toHaveLength(0);
    expect(insertOnEdge(line(), 'e1', { kind: 'end_event', title: 'End' })).toBeUndefined();
  });

  it('puts a lonely step into the flow that it was dropped on', () => {
    const lonely = insertAt(line(), { kind: 'script_task', title: 'Lonely' }, { x: 300, y: 900 });
    const doc = spliceExisting(lonely.doc, 'e2', 'lonely');
    expect(doc && outgoing(doc, 'check').map((edge) => edge.to)).toEqual(['lonely']);
    expect(doc && spliceExisting(doc, 'e1', 'lonely')).toBeUndefined();
  });

  it('brings what was dropped on a flow into line, and moves on what comes after', () => {
    const lonely = insertAt(line(), { kind: 'service_task', title: 'Lonely', type: 'x@1' }, { x: 380, y: 20 });
    const dropped: GraphDocument = { ...lonely.doc, layout: { nodes: { ...lonely.doc.layout.nodes, lonely: { x: 300, y: 20 } } } };
    const doc = spliceExisting(dropped, 'e2', 'lonely') ?? dropped;
    const boxes = doc.nodes.map((node) => boxOf(doc, node));
    boxes.forEach((box, index) => {
      for (const other of boxes.slice(index + 1)) expect(boxesOverlap(box, other)).toBe(false);
    });
    const [check, own] = ['check', 'lonely'].map((id) => nodeById(doc, id));
    // In line as far as the grid allows.
    expect(Math.abs((check && own && centreOf(doc, own).y - centreOf(doc, check).y) ?? 9)).toBeLessThanOrEqual(4);
    expect(doc.layout.nodes?.end?.x).toBeGreaterThan(dropped.layout.nodes?.end?.x ?? 0);
  });

  it('stands centres on the grid', () => {
    for (const kind of ['start_event', 'service_task', 'exclusive_gateway'] as NodeKind[]) {
      const { doc, id } = insertAt(emptyDocument(), { kind, title: 'X' }, { x: 133.7, y: 71.2 });
      const node = nodeById(doc, id);
      const centre = node && centreOf(doc, node);
      expect([(centre?.x ?? 1) % 8, (centre?.y ?? 1) % 8]).toEqual([0, 0]);
    }
    expect(snapPlace('service_task', { x: 3, y: 5 })).toEqual({ x: 2, y: 4 });
  });
});

describe('connecting', () => {
  it.each([
    ['end', 'check', 'from_end'],
    ['check', 'start', 'into_start'],
    ['check', 'check', 'to_itself'],
    ['start', 'end', 'one_way_out'],
    ['decide', 'yes', 'already_connected'],
    ['nobody', 'end', 'unknown_node'],
  ])('refuses %s → %s: %s', (from, to, reason) => {
    expect(canConnect(diamond(), from, to)).toEqual({ legal: false, reason });
  });

  it('lets a gateway branch, and an end of a flow move', () => {
    expect(canConnect(diamond(), 'decide', 'end').legal).toBe(true);
    expect(canConnect(diamond(), 'start', 'decide', 'e1').legal).toBe(true);
    const moved = reconnect(diamond(), 'e3', 'decide', 'end');
    expect(moved.edges.find((edge) => edge.id === 'e3')).toMatchObject({ to: 'end', condition: '=tasks.check.valid' });
    expect(connect(diamond(), 'end', 'check').edge).toBeUndefined();
  });

  it('takes the default mark from the other branch', () => {
    const doc = updateEdge(diamond(), 'e3', { default: true });
    expect(doc.edges.filter((edge) => edge.default === true).map((edge) => edge.id)).toEqual(['e3']);
    expect(doc.edges.find((edge) => edge.id === 'e3')?.condition).toBeUndefined();
  });
});

describe('removing', () => {
  it('closes the gap, or leaves it', () => {
    const closed = removeNodesClosingGaps(line(), ['check']);
    expect(closed.edges).toEqual([{ id: 'e1', from: 'start', to: 'end' }]);
    expect(removeNodes(line(), new Set(['check'])).edges).toEqual([]);
    checkSound(closed);
  });

  it('keeps the order and the conditions of the branches of a gateway', () => {
    const doc = removeNodesClosingGaps(diamond(), ['yes']);
    expect(outgoing(doc, 'decide').map((edge) => [edge.id, edge.to, edge.condition])).toEqual([
      ['e3', 'end', '=tasks.check.valid'],
      ['e4', 'no', undefined],
    ]);
  });

  it('returns the same document when nothing is named', () => {
    const doc = line();
    expect(removeNodes(doc, new Set())).toBe(doc);
    expect(removeEdges(doc, new Set(['nothing']))).toBe(doc);
    expect(setTitle(doc, 'check', 'Check')).toBe(doc);
  });
});

describe('renaming', () => {
  it('rewrites flows, places and every expression that reads the node', () => {
    const doc = renameNode(diamond(), 'check', 'inspect');
    expect(nodeById(doc, 'check')).toBeUndefined();
    expect(doc.layout.nodes?.inspect).toBeDefined();
    expect(doc.edges.find((edge) => edge.id === 'e3')?.condition).toBe('=tasks.inspect.valid');
    expect(nodeById(doc, 'yes')?.service?.input).toEqual({ text: 'Pages: {{tasks.inspect.pages}}', list: ['=tasks.inspect.problems'], plain: 'tasks.check' });
    expect(nodeById(doc, 'end')?.end?.output).toEqual({ ok: '=tasks.inspect.valid && tasks.no.done' });
    expect(readersOf(doc, 'inspect')).toEqual(['yes', 'end', 'decide']);
    expect(renameNode(doc, 'inspect', 'check')).toEqual(diamond());
  });

  it('refuses a taken or a bad id', () => {
    const doc = diamond();
    expect(renameNode(doc, 'check', 'yes')).toBe(doc);
    expect(renameNode(doc, 'check', 'Bad Id')).toBe(doc);
  });
});

describe('reachability', () => {
  it('knows what lies before and after, and cycles', () => {
    const doc = diamond();
    expect([...upstream(doc, 'yes')].sort()).toEqual(['check', 'decide', 'start']);
    expect([...downstream(doc, 'check')].sort()).toEqual(['decide', 'end', 'no', 'yes']);
    const cycle = reconnect(doc, 'e6', 'no', 'check');
    expect(upstream(cycle, 'check').has('check')).toBe(true);
  });

  it('walks along flows and between branches', () => {
    expect(walk(diamond(), 'start', 'right')).toBe('check');
    expect(walk(diamond(), 'decide', 'right')).toBe('yes');
    expect(walk(diamond(), 'yes', 'down')).toBe('no');
    expect(walk(diamond(), 'start', 'left')).toBeUndefined();
  });
});

describe('the clipboard', () => {
  it('pastes under new ids, with the readings inside following', () => {
    const text = JSON.stringify(copyFragment(diamond(), { nodes: ['start', 'check', 'decide', 'yes'] }));
    const fragment = parseFragment(text);
    const pasted = fragment && pasteFragment(diamond(), fragment, { offset: { x: 40, y: 40 } });
    expect(pasted?.ids).toEqual(['check_2', 'decide_2', 'yes_2']);
    const doc = pasted?.doc ?? emptyDocument();
    checkSound(doc);
    expect(nodeById(doc, 'yes_2')?.service?.input?.text).toBe('Pages: {{tasks.check_2.pages}}');
    expect(doc.edges.find((edge) => edge.from === 'decide_2')?.condition).toBe('=tasks.check_2.valid');
  });

  it('takes along what a sub-process holds, the events on borders and the frames that are whole', () => {
    const part = insertAfter(line(), 'check', { kind: 'sub_process', title: 'Part' });
    const late = insertBoundary(part?.doc ?? line(), 'part', 'timer', 'Late');
    const framed = addFrame(late?.doc ?? line(), ['check', 'part'], 'Both');
    const doc = framed?.doc ?? line();
    const fragment = copyFragment(doc, { nodes: ['part'], frames: [framed?.id ?? ''] });
    expect(fragment.nodes.map((node) => node.id)).toEqual(['check', 'part', 'part_start', 'part_end', 'late']);
    expect(fragment.frames).toHaveLength(1);
    const pasted = pasteFragment(doc, fragment, { offset: { x: 0, y: 400 } });
    expect(pasted.ids).toEqual(['check_2', 'part_2', 'late_2']);
    expect(nodeById(pasted.doc, 'late_2')?.boundary?.on).toBe('part_2');
    expect(nodeById(pasted.doc, 'part_start_2')?.parent).toBe('part_2');
    expect(pasted.doc.layout.frames?.map((frame) => frame.nodes)).toEqual([['check', 'part'], ['check_2', 'part_2']]);
    expect(copyFragment(doc, { nodes: ['part'] }).frames).toEqual([]);
  });

  it('pastes into a sub-process, and a lone event onto an activity', () => {
    const part = insertAfter(line(), 'check', { kind: 'sub_process', title: 'Part' });
    const doc = insertBoundary(part?.doc ?? line(), 'check', 'timer', 'Late')?.doc ?? line();
    const inside = pasteFragment(doc, copyFragment(doc, { nodes: ['check'] }), { offset: { x: 0, y: 0 } }, { parent: 'part' });
    expect(nodeById(inside.doc, 'check_2')?.parent).toBe('part');
    const event = copyFragment(doc, { nodes: ['late'] });
    expect(pasteFragment(doc, event, { offset: { x: 0, y: 0 } }).ids).toEqual([]);
    expect(nodeById(pasteFragment(doc, event, { offset: { x: 0, y: 0 } }, { host: 'part' }).doc, 'late_2')?.boundary?.on).toBe('part');
  });

  it('leaves secrets behind', () => {
    const doc: GraphDocument = {
      ...line(),
      nodes: line().nodes.map((node) =>
        node.id === 'check' ? { ...node, service: { type: 'x@1', input: { token: 'secret://bank', password: 'hunter2', plain: 'a', read: '=input.password' } } } : node,
      ),
    };
    const fragment = copyFragment(doc, { nodes: ['check'] }, (_node, field) => field === 'password' || field === 'read');
    expect(fragment.nodes[0]?.service?.input).toEqual({ plain: 'a', read: '=input.password' });
    const hooked: GraphDocument = { ...doc, nodes: [{ id: 'hook', kind: 'start_event', title: '', start: { kind: 'webhook', webhook: { check: 'hmac', secret: 'secret://hook' } } }] };
    expect(copyFragment(hooked, { nodes: ['hook'] }).nodes[0]?.start?.webhook).toEqual({ check: 'hmac' });
  });

  it('reads notes alone, and nothing that is broken', () => {
    const { doc } = addNote(line(), { text: 'a', x: 0, y: 0, width: 240, height: 120 });
    const fragment = parseFragment(JSON.stringify(copyFragment(doc, { nodes: [], notes: ['n1'] })));
    const pasted = fragment && pasteFragment(doc, fragment, { offset: { x: 32, y: 32 } });
    expect(pasted?.notes).toEqual(['n2']);
    expect(pasted?.doc.notes?.[1]).toMatchObject({ text: 'a', x: 32, y: 32 });
    expect(parseFragment('{"format":"taskurotta/graph","notes":[{"id":"n","text":"a","x":"0"}]}')).toBeUndefined();
  });

  it.each(['', 'hello', '{}', '{"format":"taskurotta/graph","nodes":[{"id":"A B"}],"edges":[]}', '[1]', 'null'])('ignores %j', (text) => {
    expect(parseFragment(text)).toBeUndefined();
  });
});

describe('any sequence of edits', () => {
  it('keeps a document sound', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const next = random(seed);
      let doc = line();
      const kinds: NodeKind[] = ['service_task', 'script_task', 'exclusive_gateway', 'parallel_gateway'];
      for (let step = 0; step < 25; step++) {
        const node = doc.nodes[Math.floor(next() * doc.nodes.length)];
        const other = doc.nodes[Math.floor(next() * doc.nodes.length)];
        const edge = doc.edges[Math.floor(next() * doc.edges.length)];
        const kind = kinds[Math.floor(next() * kinds.length)] ?? 'service_task';
        const wanted = { kind, title: `Шаг ${step % 5}`, type: 'x@1' };
        const choice = Math.floor(next() * 6);
        if (choice === 0 && edge) doc = insertOnEdge(doc, edge.id, wanted)?.doc ?? doc;
        if (choice === 1 && node) doc = insertAfter(doc, node.id, wanted)?.doc ?? doc;
        if (choice === 2) doc = insertAt(doc, wanted, { x: next() * 900, y: next() * 600 }).doc;
        if (choice === 3 && node && other) doc = connect(doc, node.id, other.id).doc;
        if (choice === 4 && node && doc.nodes.length > 3) doc = removeNodesClosingGaps(doc, [node.id]);
        if (choice === 5 && node) {
          const fragment = copyFragment(doc, { nodes: [node.id, other?.id ?? ''] });
          doc = pasteFragment(doc, fragment, { offset: { x: 32, y: 32 } }).doc;
        }
        if (doc.nodes.length > 40) doc = removeNodes(doc, new Set(doc.nodes.slice(20).map((each) => each.id)));
        checkSound(doc);
      }
    }
  });

  it('renames there and back to an equal document', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      const doc = diamond();
      const node = doc.nodes[Math.floor(next() * doc.nodes.length)];
      if (node === undefined) continue;
      expect(renameNode(renameNode(doc, node.id, 'other_name'), 'other_name', node.id)).toEqual(doc);
    }
  });
});
