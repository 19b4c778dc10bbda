// A BPMN file as a document, with a report of what became of each of its elements.

import type { GraphDocument } from '../graph/types';
import { commentsIn, decodeXml, instructionsIn } from './decode';
import { boundsOf, SAME } from './diagram';
import { UnreadableFile } from './failure';
import { withKept, type Kept } from './kept';
import { mergeDocuments } from './merge';
import { createModdle, hasProperty, idOf, strip, textOf, within, type BpmnElement, type Moddle, type Warning } from './moddle';
import { piecesIn } from './pieces';
import { nameOf, processesOf, readables, readProcess, type Read } from './read';
import type { Choice, Readable, ReportLine } from './report';
import { writeBpmn } from './write';

export interface ReadFile {
  document: GraphDocument;
  lines: readonly ReportLine[];
  title: string;
  /** The process's own id in the file. */
  id: string;
  readables: readonly Readable[];
  choice: Choice;
  /** Written here, and changed by nobody since. */
  exact: boolean;
  /** Nothing of the process is drawn in the file: somebody has to lay it out. */
  undrawn: boolean;
}

/** As much of a document as the server takes; beyond it the file is not kept. */
const MAX_DOCUMENT = 1_000_000;

export async function readBpmn(bytes: Uint8Array, wished?: Choice): Promise<ReadFile> {
  const xml = decodeXml(bytes);
  const moddle = createModdle();
  const { definitions, warnings } = await parse(moddle, xml);
  const found = readables(definitions);
  const choice = wished ?? usual(found);
  const process = choice === undefined ? undefined : processesOf(definitions)[choice.process];
  if (choice === undefined || process === undefined) throw new UnreadableFile('no_process');
  const title = found.find((each) => each.process === choice.process)?.name ?? '';
  const lost = [...lostIn(xml), ...warnings.flatMap(lostBy)];
  const own = piecesIn(process);
  nameAll(definitions);
  const read = readProcess(definitions, choice, own === undefined ? undefined : scaleOf(own));
  if (read === undefined) throw new UnreadableFile('no_process');
  const about = { title, id: idOf(process), readables: found, choice };
  const undrawn = ![...read.nodes.values()].some((element) => boundsOf(read.drawing.shapes.get(element)) !== undefined);
  if (own === undefined) {
    const kept = await keptOf(moddle, definitions, choice, read);
    return { ...about, ...withinLimit(read.doc, kept, [...read.lines, ...lost]), exact: false, undrawn };
  }
  const before = await writeBpmn(own, { key: idOf(process), title: textOf(process, 'name') ?? '' });
  const again = await parse(moddle, decodeXml(new TextEncoder().encode(before.xml)));
  if (lost.length === 0 && (await plain(moddle, again.definitions)) === (await plain(moddle, definitions))) {
    return { ...about, document: own, lines: read.lines, exact: true, undrawn: false };
  }
  const was = readProcess(again.definitions, { process: processesOf(again.definitions).findIndex((each) => piecesIn(each) !== undefined), diagram: undefined }, scaleOf(own));
  if (was === undefined) throw new UnreadableFile('no_process');
  const merge = mergeDocuments(own, was.doc, read.doc);
  const lines = read.lines.map((line) => (line.outcome === 'read' && line.node !== undefined && (merge.changed.has(line.node) || merge.moved.has(line.node)) ? { ...line, outcome: 'changed' as const, key: 'changed_elsewhere' } : line));
  // What no other tool left in the file needs no keeping.
  const kept = read.lines.some((line) => line.outcome === 'kept') || own.extensions?.bpmn !== undefined ? await keptOf(moddle, definitions, choice, read) : undefined;
  return { ...about, ...withinLimit(merge.doc, kept, [...lines, ...lost]), exact: false, undrawn };
}

async function parse(moddle: Moddle, xml: string): Promise<{ definitions: BpmnElement; warnings: readonly Warning[] }> {
  try {
    const { rootElement, warnings } = await moddle.fromXML(xml);
    return { definitions: rootElement, warnings };
  } catch (error) {
    throw broken(error, xml);
  }
}

function broken(error: unknown, xml: string): UnreadableFile {
  const message = error instanceof Error ? error.message : '';
  const root = /<(?![?!])([^\s/>]{1,60})/.exec(xml)?.[1] ?? '';
  if (/unexpected element|failed to parse document as/.test(message)) return new UnreadableFile('not_bpmn', { root });
  const line = /line: (\d+)/.exec(message)?.[1];
  const cause = /nested error: ([^\n]{1,200})/.exec(message)?.[1] ?? message.slice(0, 200);
  return new UnreadableFile('broken', { line: line === undefined ? 1 : Number(line) + 1, cause });
}

/** The process with the most in it, in its first diagram. */
function usual(found: readonly Readable[]): Choice | undefined {
  const most = [...found].sort((a, b) => b.steps - a.steps)[0];
  return most === undefined ? undefined : { process: most.process, diagram: most.diagrams[0]?.index };
}

function scaleOf(own: GraphDocument): { x: number; y: number } {
  const kept = own.extensions?.bpmn;
  const scale = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? kept.scale : undefined;
  const known = typeof scale === 'object' && scale !== null && !Array.isArray(scale) ? scale : undefined;
  return typeof known?.x === 'number' && typeof known.y === 'number' && known.x > 0 && known.y > 0 ? { x: known.x, y: known.y } : SAME;
}

/** An element without an id can't be found again; the format allows that. */
function nameAll(definitions: BpmnElement): void {
  const taken = new Set<string>();
  const nameless: BpmnElement[] = [];
  for (const element of within(definitions)) {
    if (!element.$type.startsWith('bpmn:') || !hasProperty(element, 'id')) continue;
    const id = idOf(element);
    if (id !== '') taken.add(id);
    else if (element.$instanceOf('bpmn:FlowElement') || element.$instanceOf('bpmn:Artifact')) nameless.push(element);
  }
  let n = 0;
  for (const element of nameless) {
    do n++;
    while (taken.has(`unnamed_${String(n)}`));
    element.set('id', `unnamed_${String(n)}`);
  }
}

async function plain(moddle: Moddle, definitions: BpmnElement): Promise<string> {
  return (await moddle.toXML(definitions, { format: false })).xml;
}

async function keptOf(moddle: Moddle, definitions: BpmnElement, choice: Choice, read: Read): Promise<Kept> {
  const ids = Object.fromEntries([...read.nodes].map(([id, element]) => [id, idOf(element)]));
  strip(definitions);
  return { xml: await plain(moddle, definitions), process: choice.process, diagram: choice.diagram, scale: read.scale, ids };
}

function withinLimit(doc: GraphDocument, kept: Kept | undefined, lines: readonly ReportLine[]): Pick<ReadFile, 'document' | 'lines'> {
  const document = withKept(doc, kept);
  if (kept === undefined || new TextEncoder().encode(JSON.stringify(document)).length <= MAX_DOCUMENT) return { document, lines };
  const whole: ReportLine = { outcome: 'lost', element: 'definitions', name: '', key: 'not_kept' };
  return { document: withKept(doc, undefined), lines: [whole, ...lines.map((line) => (line.outcome === 'kept' ? { ...line, outcome: 'lost' as const } : line))] };
}

/** The library keeps what it has a place for, and says so of the rest: elements of other tools outside of "extensionElements". */
function lostBy(warning: Warning): ReportLine[] {
  const { message, element } = warning;
  const at = element === undefined ? {} : { element: element.$type.replace(/^bpmn:/, ''), name: nameOf(element), id: idOf(element) };
  const dropped = /unparsable content (\S+) detected/.exec(message)?.[1];
  if (dropped !== undefined) {
    const line = Number(/line: (\d+)/.exec(message)?.[1] ?? 0) + 1;
    const cause = /nested error: ([^\n]{1,200})/.exec(message)?.[1] ?? '';
    return [{ outcome: 'lost', element: dropped.replace(/[<>/]/g, ''), name: '', key: 'dropped', params: { line, cause } }];
  }
  const reference = /unresolved reference <(.{0,200})>/.exec(message)?.[1];
  if (reference !== undefined) return [{ outcome: 'lost', name: '', element: 'reference', ...at, key: 'reference', params: { what: reference, property: warning.property?.replace(/^bpmn:/, '') ?? '' } }];
  // Attributes without a meaning are kept as they are; the line of their element names them.
  return message.startsWith('unknown attribute') ? [] : [{ outcome: 'lost', name: '', element: 'definitions', ...at, key: 'warning', params: { message: message.slice(0, 200) } }];
}

function lostIn(xml: string): ReportLine[] {
  const [comments, instructions] = [commentsIn(xml), instructionsIn(xml)];
  return [
    ...(comments > 0 ? [{ outcome: 'lost' as const, element: 'comment', name: '', key: 'comments', params: { count: comments } }] : []),
    ...(instructions > 0 ? [{ outcome: 'lost' as const, element: 'instruction', name: '', key: 'instructions', params: { count: instructions } }] : []),
  ];
}
