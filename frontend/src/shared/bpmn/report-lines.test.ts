// Each thing that a file may hold, and what the report says of it.

import { describe, expect, it } from 'vitest';

import en from '../i18n/en';
import ru from '../i18n/ru';
import { readBpmn, type ReadFile } from './import';
import type { Outcome } from './report';
import { writeBpmn } from './write';

const HEAD =
  'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" ' +
  'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" targetNamespace="urn:t"';

function file(process: string, roots = '', diagram = ''): string {
  return `<?xml version="1.0"?><definitions ${HEAD}>${roots}<process id="p" name="P"><startEvent id="s"/>${process}</process>${diagram}</definitions>`;
}

const read = (xml: string): Promise<ReadFile> => readBpmn(new TextEncoder().encode(xml));

type Case = [key: string, outcome: Outcome, id: string, xml: string];

const event = (name: string, definition: string): string => `<${name} id="x">${definition}</${name}>`;
const border = (definition: string, more = ''): string => `<task id="t"/><boundaryEvent id="x" attachedToRef="t"${more}>${definition}</boundaryEvent>`;
const shape = (id: string, x: number): string => `<bpmndi:BPMNShape bpmnElement="${id}"><dc:Bounds x="${x}" y="0" width="10" height="10"/></bpmndi:BPMNShape>`;
const diagram = (shapes: string): string => `<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">${shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>`;

const CASES: readonly Case[] = [
  ['read', 'read', 'x', file('<endEvent id="x"/>')],
  ['read_flow', 'read', 'x', file('<endEvent id="e"/><sequenceFlow id="x" sourceRef="s" targetRef="e"/>')],
  ['read_note', 'read', 'x', file('<textAnnotation id="x"><text>Hi</text></textAnnotation>')],
  ['read_group', 'read', 'x', file('<group id="x"/>', '', diagram(shape('s', 0) + shape('x', 0)))],
  ['read_undo', 'read', 'x', file(`${border('<compensateEventDefinition/>')}<task id="u" isForCompensation="true"/><association id="a" sourceRef="x" targetRef="u"/>`)],
  ['gateway_starts', 'changed', 'x', file('<eventBasedGateway id="x" instantiate="true"/>')],
  ['start_time', 'changed', 'x', file(event('startEvent', '<timerEventDefinition><timeDate>2027-01-01T00:00:00Z</timeDate></timerEventDefinition>'))],
  ['interval', 'changed', 'x', file(event('startEvent', '<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>'))],
  ['no_time', 'changed', 'x', file(event('intermediateCatchEvent', '<timerEventDefinition/>'))],
  ['start_plain', 'changed', 'x', file(event('startEvent', '<conditionalEventDefinition/>'))],
  ['end_plain', 'changed', 'x', file(event('endEvent', '<escalationEventDefinition/>'))],
  ['message_key', 'changed', 'x', file(event('intermediateCatchEvent', '<messageEventDefinition/>'))],
  ['message_key', 'changed', 'x', file(border('<messageEventDefinition/>', ' cancelActivity="false"'))],
  ['sends', 'changed', 'x', file('<sendTask id="x"/>')],
  ['sends', 'changed', 'x', file(event('intermediateThrowEvent', '<messageEventDefinition/>'))],
  ['no_type', 'changed', 'x', file('<serviceTask id="x"/>')],
  ['task', 'changed', 'x', file('<task id="x"/>')],
  ['manual', 'changed', 'x', file('<manualTask id="x"/>')],
  ['script', 'changed', 'x', file('<scriptTask id="x"><script>1</script></scriptTask>')],
  ['rules', 'changed', 'x', file('<businessRuleTask id="x"/>')],
  ['receives', 'changed', 'x', file('<receiveTask id="x"/>')],
  ['receive_starts', 'changed', 'x', file('<receiveTask id="x" instantiate="true"/>')],
  ['receives_task', 'changed', 'x', file('<receiveTask id="x"/><boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent>')],
  ['transaction', 'changed', 'x', file('<transaction id="x"/>')],
  ['ad_hoc', 'changed', 'x', file('<adHocSubProcess id="x"/>')],
  ['multi_items', 'changed', 'x', file('<userTask id="x"><multiInstanceLoopCharacteristics/></userTask>')],
  ['condition', 'changed', 'x', file('<exclusiveGateway id="g"/><endEvent id="e"/><sequenceFlow id="x" sourceRef="g" targetRef="e"><conditionExpression>${a}</conditionExpression></sequenceFlow>')],
  ['not_run', 'kept', 'x', file('<complexGateway id="x"/>')],
  ['not_run', 'kept', 'x', file(event('intermediateThrowEvent', ''))],
  ['not_run', 'kept', 'x', file(event('intermediateCatchEvent', '<signalEventDefinition/>'))],
  ['not_run', 'kept', 'x', file(event('intermediateCatchEvent', '<timerEventDefinition/><messageEventDefinition/>'))],
  ['not_run', 'kept', 'x', file(border('<signalEventDefinition/>'))],
  ['not_run', 'kept', 'x', file('<subProcess id="x" triggeredByEvent="true"><startEvent id="i"/></subProcess>')],
  ['no_step', 'kept', 'x', file('<dataObject id="x"/>')],
  ['no_step', 'kept', 'x', file('<dataStoreReference id="x"/>')],
  ['no_host', 'kept', 'x', file('<complexGateway id="c"/><boundaryEvent id="x"><errorEventDefinition/></boundaryEvent>')],
  ['undoes_nothing', 'kept', 'x', file(border('<compensateEventDefinition/>'))],
  ['no_ends', 'kept', 'x', file('<complexGateway id="c"/><sequenceFlow id="x" sourceRef="s" targetRef="c"/>')],
  ['empty_group', 'kept', 'x', file('<group id="x"/>', '', diagram(shape('s', 0) + shape('x', 500)))],
  ['leftovers', 'kept', 'x', file('<userTask id="x" x:who="me"/>')],
  ['leftovers', 'kept', 'x', file('<userTask id="x"><extensionElements><x:a/></extensionElements></userTask>')],
  ['leftovers', 'kept', 'x', file('<userTask id="x"><ioSpecification/></userTask>')],
  ['leftovers', 'kept', 'x', file('<userTask id="x"><standardLoopCharacteristics/></userTask>')],
  ['leftovers', 'kept', 'x', file('<userTask id="x"><documentation>a</documentation><documentation>b</documentation></userTask>')],
  ['leftovers', 'kept', 'x', file('<userTask id="x" what="no namespace"/>')],
  ['drawn_only', 'kept', 'x', file('<textAnnotation id="n"/><association id="x" sourceRef="s" targetRef="n"/>')],
  ['other_process', 'kept', 'x', file('', '<process id="x"/>')],
  ['not_used', 'kept', 'x', file('', '<signal id="x"/>')],
  ['lane', 'kept', 'x', file('<laneSet><lane id="x"/></laneSet>')],
  ['pool', 'kept', 'x', file('', '<collaboration id="c"><participant id="x" processRef="p"/></collaboration>')],
  ['drawn_only', 'kept', 'x', file('', '<collaboration id="c"><participant id="a" processRef="p"/><participant id="b"/><messageFlow id="x" sourceRef="a" targetRef="b"/></collaboration>')],
  ['drawn_only', 'kept', 'x', file('', '<choreography id="x"/>')],
];

const GONE: readonly [key: string, element: string, xml: string][] = [
  ['dropped', 'x:a', file('<x:a/>')],
  ['dropped', 'nonsense', file('<nonsense/>')],
  ['dropped', 'userTask', file('<userTask id="not an id"/>')],
  ['dropped', 'userTask', file('<userTask id="s"/>')],
  ['reference', 'sequenceFlow', file('<sequenceFlow id="f" sourceRef="s" targetRef="nothing"/>')],
  ['comments', 'comment', file('<!-- hello -->')],
  ['instructions', 'instruction', file('<?php echo 1 ?>')],
];

describe('the report on a file', () => {
  it.each(CASES)('says %s, %s, of %s', async (key, outcome, id, xml) => {
    const found = await read(xml);
    expect(found.lines.filter((line) => line.id === id)).toContainEqual(expect.objectContaining({ key, outcome }));
    expect(found.lines.filter((line) => line.outcome === 'lost')).toEqual([]);
    // Whatever it says, all of it is in the file that is written.
    const { xml: back } = await writeBpmn(found.document, { key: 'p', title: '' });
    const again = await read(back);
    expect(again.lines.some((line) => line.id === id)).toBe(true);
    expect(again.document).toEqual(found.document);
  });

  it.each(GONE)('says %s of %s, which is lost', async (key, element, xml) => {
    const { lines } = await read(xml);
    expect(lines.filter((line) => line.outcome === 'lost').map((line) => [line.key, line.element.replace(/^.*bpmn:/, '')])).toContainEqual([key, key === 'reference' ? 'SequenceFlow' : element]);
  });

  it('says nothing of the kind about a file without any of it', async () => {
    const { lines } = await read(file(''));
    expect(lines.map((line) => [line.outcome, line.key])).toEqual([['read', 'read']]);
  });

  it('has words for every line in both languages', () => {
    const keys = new Set([...CASES.map(([key]) => key), ...GONE.map(([key]) => key), 'opened', 'changed_elsewhere', 'colours', 'not_kept', 'warning']);
    for (const texts of [en.interchange, ru.interchange]) {
      const lines = texts?.line as Record<string, unknown> | undefined;
      for (const key of keys) expect(lines?.[key] ?? lines?.[`${key}_other`], key).toBeTypeOf('string');
    }
  });
});
