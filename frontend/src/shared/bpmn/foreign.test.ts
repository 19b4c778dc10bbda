// Files of other tools: what is read of them, what the report says, and that everything goes back as it came.

import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { stable } from '../compare/compare';
import { boxesOverlap, boxOf, type Box } from '../graph/geometry';
import { addEdge, addNode, removeNodes, renameNode, setTitle, updateEdge, withPlaces } from '../graph/edit';
import { nodeById, placeInDoc } from './testing';
import { boundsOf, drawingOf, waypointsOf } from './diagram';
import { readBpmn, type ReadFile } from './import';
import { childOf, createModdle, idOf, is, textOf, within, type BpmnElement } from './moddle';
import { writeBpmn } from './write';

const FILES = ['camunda-modeler.bpmn', 'signavio.bpmn', 'semantic.bpmn', 'eclipse.bpmn2'] as const;
const about = { key: 'imported', title: 'Imported' };

function bytesOf(name: string): Uint8Array {
  const text = readFileSync(`src/shared/bpmn/testdata/${name}`, 'utf8');
  return name === 'signavio.bpmn' ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : new TextEncoder().encode(text);
}

const read = (name: string): Promise<ReadFile> => readBpmn(bytesOf(name));

async function tree(bytes: Uint8Array): Promise<BpmnElement> {
  const encoding = new TextDecoder().decode(bytes.subarray(0, 80)).includes('ISO-8859-1') ? 'iso-8859-1' : 'utf-8';
  const xml = new TextDecoder(encoding).decode(bytes);
  return (await createModdle().fromXML(xml.replace(/^<\?xml[^>]*\?>/, ''))).rootElement;
}

interface Facts {
  elements: string[];
  flows: string[];
  bounds: Map<string, Box>;
  waypoints: Map<string, string>;
}

/** What a reader of any tool would see: elements with ids and names, flows with conditions and defaults, bounds and lines. */
function factsOf(definitions: BpmnElement): Facts {
  const drawing = drawingOf(definitions, undefined);
  const elements: string[] = [];
  const flows: string[] = [];
  for (const element of within(definitions)) {
    if (!element.$type.startsWith('bpmn:') || is(element, 'ExtensionElements', 'Expression')) continue;
    if (is(element, 'SequenceFlow')) {
      const [from, to] = [childOf(element, 'sourceRef'), childOf(element, 'targetRef')];
      const condition = textOf(childOf(element, 'conditionExpression'), 'body');
      const otherwise = from !== undefined && childOf(from, 'default') === element;
      flows.push(`${idOf(element)} ${from === undefined ? '' : idOf(from)}→${to === undefined ? '' : idOf(to)} ${textOf(element, 'name') ?? ''} ${condition ?? ''} ${String(otherwise)}`);
    } else elements.push(`${element.$type} ${textOf(element, 'id') ?? ''} ${textOf(element, 'name') ?? ''} ${Object.entries(element.$attrs ?? {}).filter(([name]) => !name.startsWith('xmlns')).join(' ')}`);
  }
  const bounds = new Map([...drawing.shapes].flatMap(([element, shape]) => {
    const box = boundsOf(shape);
    return box === undefined ? [] : [[idOf(element), box] as const];
  }));
  const waypoints = new Map([...drawing.lines].map(([element, line]) => [idOf(element), JSON.stringify(waypointsOf(line))]));
  return { elements: elements.sort(), flows: flows.sort(), bounds, waypoints };
}

async function written(read: ReadFile, document = read.document): Promise<{ xml: string; facts: Facts }> {
  const { xml } = await writeBpmn(document, about);
  return { xml, facts: factsOf(await tree(new TextEncoder().encode(xml))) };
}

const said = (file: ReadFile, key: string): string[] => file.lines.filter((line) => line.key === key).map((line) => line.id ?? line.element);

describe.each(FILES)('%s', (name) => {
  it('goes back as it came: every element, name, flow, condition, default, bound and line', async () => {
    const file = await read(name);
    const before = factsOf(await tree(bytesOf(name)));
    const { facts } = await written(file);
    expect(facts.elements).toEqual(before.elements);
    expect(facts.flows).toEqual(before.flows);
    expect(facts.bounds).toEqual(name === 'eclipse.bpmn2' ? facts.bounds : before.bounds);
    if (name !== 'eclipse.bpmn2') expect(facts.waypoints).toEqual(before.waypoints);
  });

  it('is, written and read again, the same document to the byte', async () => {
    const file = await read(name);
    const { xml } = await written(file);
    const again = await readBpmn(new TextEncoder().encode(xml));
    expect(again.exact).toBe(true);
    expect(stable(again.document)).toBe(stable(file.document));
  });

  it('gives a document whose flows lead from node to node and whose cards do not cover each other', async () => {
    const { document } = await read(name);
    const ids = new Set(document.nodes.map((node) => node.id));
    expect(ids.size).toBe(document.nodes.length);
    for (const edge of document.edges) expect([...ids]).toEqual(expect.arrayContaining([edge.from, edge.to]));
    const cards = document.nodes.filter((node) => node.boundary === undefined && document.layout.nodes?.[node.id] !== undefined);
    for (const a of cards) for (const b of cards) if (a.id < b.id && a.parent === b.parent) expect(boxesOverlap(boxOf(document, a), boxOf(document, b)), `${a.id} ${b.id}`).toBe(false);
  });
});

describe('a file of another tool', () => {
  it('is read with its kinds, titles, texts, conditions and defaults', async () => {
    const { document, title } = await read('camunda-modeler.bpmn');
    expect(title).toBe('Order');
    expect(document.nodes.map((node) => [node.id, node.kind, node.title])).toEqual([
      ['order_received', 'start_event', 'Order received'],
      ['review_order', 'user_task', 'Review order'],
      ['large', 'exclusive_gateway', 'Large?'],
      ['charge_card', 'service_task', 'Charge card'],
      ['declined', 'boundary_event', 'Declined'],
      ['done', 'end_event', 'Done'],
      ['declined_2', 'end_event', 'Declined'],
    ]);
    expect(nodeById(document, 'review_order').doc).toBe('Looks whether the order is complete.');
    expect(nodeById(document, 'declined').boundary).toEqual({ on: 'charge_card', kind: 'error', codes: ['DECLINED'] });
    expect(document.edges.find((edge) => edge.id === 'Flow_large')).toEqual({ id: 'Flow_large', from: 'large', to: 'charge_card', title: 'large', condition: '=order.amount > 100' });
    expect(document.edges.find((edge) => edge.id === 'Flow_small')).toEqual({ id: 'Flow_small', from: 'large', to: 'done', default: true });
    expect(document.notes?.map((note) => note.text)).toEqual(['Cards only']);
  });

  it('is told of line by line: what was changed and what is only kept', async () => {
    const file = await read('camunda-modeler.bpmn');
    expect(said(file, 'no_type')).toEqual(['Activity_pay']);
    expect(said(file, 'end_plain')).toEqual(['Event_declined']);
    expect(said(file, 'condition')).toEqual(['Flow_large']);
    expect(said(file, 'lane')).toEqual(['Lane_clerk', 'Lane_system']);
    expect(said(file, 'pool')).toEqual(['Participant_shop', 'Participant_bank']);
    expect(said(file, 'drawn_only')).toEqual(['Association_1', 'Flow_to_bank']);
    expect(said(file, 'no_step')).toEqual(['DataObjectReference_1', 'DataObject_1']);
    expect(said(file, 'not_used')).toEqual(['Signal_declined']);
    expect(said(file, 'colours')).toHaveLength(1);
    expect(file.lines.filter((line) => line.key === 'leftovers').map((line) => [line.id, line.params?.what])).toEqual([
      ['Activity_review', 'zeebe:assignmentDefinition, zeebe:formDefinition'],
      ['Activity_pay', 'zeebe:taskDefinition, zeebe:ioMapping'],
      ['Event_declined', 'eventDefinitions'],
    ]);
    expect(file.lines.filter((line) => line.outcome === 'lost')).toEqual([]);
  });

  it('keeps what the engine does not run, with the flows that end there', async () => {
    const file = await read('signavio.bpmn');
    expect(said(file, 'not_run')).toEqual(['sid-COMPLEX']);
    expect(said(file, 'no_ends')).toEqual(['sid-F3']);
    expect(said(file, 'task')).toEqual(['sid-TASK']);
    expect(said(file, 'interval')).toEqual(['sid-START']);
    expect(file.title).toBe('Prüfung');
    expect(file.document.nodes.map((node) => node.title)).toEqual(['Täglich', 'Unterlagen prüfen', '', 'Fertig']);
  });

  it('says what the library dropped, and which comments are gone', async () => {
    const file = await read('semantic.bpmn');
    expect(file.lines.filter((line) => line.outcome === 'lost').map((line) => [line.key, line.element])).toEqual([['comments', 'comment'], ['dropped', 'vendor:stamp']]);
    expect(file.lines.find((line) => line.key === 'dropped')?.params?.line).toBe(23);
  });

  it('opens a collapsed sub-process where it stands, and reads what undoes what, groups and lists', async () => {
    const { document, ...file } = await read('semantic.bpmn');
    expect(said({ document, ...file }, 'opened')).toEqual(['_sub']);
    const sub = boxOf(document, nodeById(document, 'assess'));
    const [before, after] = [boxOf(document, nodeById(document, 'start')), boxOf(document, nodeById(document, 'tell'))];
    expect(before.x + before.width).toBeLessThan(sub.x);
    expect(after.x).toBeGreaterThan(sub.x + sub.width);
    expect(nodeById(document, 'assess').multi).toEqual({ items: 3, sequential: true });
    expect(nodeById(document, 'wait_for_papers')).toMatchObject({ kind: 'message_event', parent: 'assess', message: { name: 'claim', key: '' } });
    expect(nodeById(document, 'tell').undone_by).toBe('take_back');
    expect(document.layout.frames).toEqual([{ id: '_g', title: 'The end', nodes: ['tell', 'end'] }]);
  });

  it('lets a person choose the process, when there are several', async () => {
    const first = await read('semantic.bpmn');
    expect(first.readables.map(({ name, steps }) => [name, steps])).toEqual([['Main', 6], ['Other', 1]]);
    const other = await readBpmn(bytesOf('semantic.bpmn'), { process: 1, diagram: undefined });
    expect(other.document.nodes.map((node) => node.kind)).toEqual(['start_event']);
    expect(said(other, 'other_process')).toEqual(['_main']);
  });

  it('reads the kinds of tasks that have no settings of ours, and keeps the ids that are good', async () => {
    const file = await read('eclipse.bpmn2');
    expect(file.undrawn).toBe(true);
    expect(file.document.nodes.map((node) => [node.id, node.kind])).toEqual([
      ['start', 'start_event'], ['count_days', 'script_task'], ['rules', 'decision_task'], ['approve', 'user_task'], ['reminder', 'boundary_event'],
      ['file_it', 'user_task'], ['tell', 'call_activity'], ['end', 'end_event'],
    ]);
    expect(nodeById(file.document, 'approve').multi).toEqual({ items: '', until: '=nrOfCompletedInstances > 1' });
    expect(nodeById(file.document, 'reminder').boundary).toEqual({ on: 'approve', kind: 'timer', keeps_running: true, timer: { kind: 'duration', value: 'P2D' } });
    expect(nodeById(file.document, 'tell').call).toEqual({ definition: 'tell-all' });
    expect(said(file, 'multi_items')).toEqual(['approve']);
    expect(said(file, 'script')).toEqual(['count_days']);
    expect(said(file, 'rules')).toEqual(['rules']);
    expect(said(file, 'manual')).toEqual(['file_it']);
    expect(said(file, 'not_run')).toEqual(['milestone']);
    expect(said(file, 'no_ends')).toEqual(['f6']);
  });
});

describe('a file that is too large to be kept', () => {
  it('is read, and what is not in the graph is said to be lost', async () => {
    const large = readFileSync('src/shared/bpmn/testdata/eclipse.bpmn2', 'utf8').replace('camunda:initiator="who"', `camunda:initiator="${'x'.repeat(1_000_000)}"`);
    const file = await readBpmn(new TextEncoder().encode(large));
    expect(file.document.extensions).toBeUndefined();
    expect(file.document.nodes).toHaveLength(8);
    expect(file.lines[0]).toMatchObject({ outcome: 'lost', key: 'not_kept' });
    expect(file.lines.filter((line) => line.outcome === 'kept')).toEqual([]);
    expect(file.lines).toContainEqual(expect.objectContaining({ outcome: 'lost', key: 'not_run', id: 'milestone' }));
  });
});

describe('a file of another tool, edited here', () => {
  it('changes in what was edited and in nothing else', async () => {
    const file = await read('camunda-modeler.bpmn');
    const before = factsOf(await tree(bytesOf('camunda-modeler.bpmn')));
    const place = placeInDoc(file.document, 'done');
    // Theirs is 2.2 times narrower: 110 to the right here is 50 there.
    let doc = withPlaces(file.document, { done: { x: place.x + 110, y: place.y + 16 } });
    doc = setTitle(doc, 'done', 'All done');
    doc = updateEdge(doc, 'Flow_large', { condition: '=input.amount > 200' });
    const { facts } = await written(file, doc);
    expect(facts.bounds.get('Event_done')).toEqual({ x: 842, y: 158, width: 36, height: 36 });
    expect(facts.elements).toContain('bpmn:EndEvent Event_done All done ');
    expect(facts.flows).toContain('Flow_large Gateway_amount→Activity_pay large =input.amount > 200 false');
    const others = [...before.bounds].filter(([id]) => id !== 'Event_done');
    for (const [id, box] of others) expect(facts.bounds.get(id), id).toEqual(box);
    const redrawn = [...before.waypoints].filter(([id, points]) => facts.waypoints.get(id) !== points).map(([id]) => id);
    expect(redrawn).toEqual(['Flow_small', 'Flow_paid']);
    expect(facts.elements.filter((each) => !before.elements.includes(each))).toEqual(['bpmn:EndEvent Event_done All done ']);
  });

  it('keeps the thread when a node gets another id', async () => {
    const file = await read('camunda-modeler.bpmn');
    const doc = renameNode(file.document, 'charge_card', 'charge');
    expect(doc.nodes.some((node) => node.id === 'charge')).toBe(true);
    const { facts, xml } = await written(file, doc);
    expect(facts.elements).toEqual(factsOf(await tree(bytesOf('camunda-modeler.bpmn'))).elements);
    expect(xml).toContain('zeebe:taskDefinition');
    expect(stable((await readBpmn(new TextEncoder().encode(xml))).document)).toBe(stable(doc));
  });

  it('takes along what hung on a removed node, and draws what is new', async () => {
    const file = await read('camunda-modeler.bpmn');
    let doc = removeNodes(file.document, new Set(['charge_card']));
    doc = addNode(doc, { id: 'archive', kind: 'script_task', title: 'Archive', script: { output: {} } }, { x: 1400, y: 300 });
    doc = addEdge(doc, { from: 'large', to: 'archive' }).doc;
    const { facts, xml } = await written(file, doc);
    for (const gone of ['Activity_pay', 'Event_failed', 'Flow_paid', 'Flow_failed', 'Flow_large', 'Flow_to_bank', 'Association_1']) {
      expect(facts.elements.concat(facts.flows).filter((each) => each.split(' ').includes(gone)), gone).toEqual([]);
      expect(facts.bounds.has(gone), gone).toBe(false);
      expect(facts.waypoints.has(gone), gone).toBe(false);
    }
    // What the document keeps of the file goes along in a piece of ours.
    expect(xml.replace(/<taskurotta:document>.*<\/taskurotta:document>/, '')).not.toContain('Activity_pay');
    // Its middle is 938 right of the start's here, and 426 there.
    expect(facts.bounds.get('archive')).toEqual({ x: 636.5, y: 300, width: 100, height: 72 });
    expect(facts.elements).toContain('bpmn:Lane Lane_clerk Clerk ');
    const again = await readBpmn(new TextEncoder().encode(xml));
    expect(again.exact).toBe(true);
    expect(stable(again.document)).toBe(stable(doc));
  });
});

describe('a file of ours, edited elsewhere', () => {
  it('takes over what was changed there and keeps every setting of ours', async () => {
    const file = await read('eclipse.bpmn2');
    const own = file.document.nodes.map((node) => (node.id === 'rules' ? { ...node, decision: { hit: 'first' as const, inputs: ['=input.n'], outputs: ['x'], rules: [] } } : node));
    const doc = { ...file.document, nodes: own };
    const { xml } = await writeBpmn(doc, about);
    const elsewhere = xml.replace('name="Rules"', 'name="Regeln"').replace('>P2D<', '>P3D<').replace('calledElement="tell-all"', 'calledElement="tell-some"');
    expect(elsewhere).not.toBe(xml);
    const again = await readBpmn(new TextEncoder().encode(elsewhere));
    expect(again.exact).toBe(false);
    expect(nodeById(again.document, 'rules')).toEqual({ ...nodeById(doc, 'rules'), title: 'Regeln' });
    expect(nodeById(again.document, 'reminder').boundary?.timer).toEqual({ kind: 'duration', value: 'P3D' });
    expect(nodeById(again.document, 'tell').call?.definition).toBe('tell-some');
    expect(again.lines.filter((line) => line.key === 'changed_elsewhere').map((line) => line.node)).toEqual(['rules', 'reminder', 'tell']);
    const untouched = doc.nodes.filter((node) => !['rules', 'reminder', 'tell'].includes(node.id));
    expect(again.document.nodes.filter((node) => !['rules', 'reminder', 'tell'].includes(node.id))).toEqual(untouched);
  });
});
