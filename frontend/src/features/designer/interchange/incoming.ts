// A file that somebody chose or dropped, as a document that is not anywhere yet: with the report on it and the server's verdict.

import { validateRaw } from '@/shared/api/definitions';
import type { Issue } from '@/shared/api/problem';
import { decodeXml } from '@/shared/bpmn/decode';
import { UnreadableFile } from '@/shared/bpmn/failure';
import type { Choice, Readable, ReportLine } from '@/shared/bpmn/report';
import { longNumbers } from '@/shared/definition/document-json';
import type { Frame, GraphDocument, GraphNode, Layout, Note } from '@/shared/graph/types';

import { tidied } from '../model/tidy';
import { readBpmnFile } from './bpmn-files';

export interface Incoming {
  document: GraphDocument;
  /** What the process calls itself, else the name of the file. */
  title: string;
  /** Of a BPMN file. */
  bpmn?: { lines: readonly ReportLine[]; readables: readonly Readable[]; choice: Choice; exact: boolean; laidOut: boolean };
  /** Of a JSON file: whole numbers that lost digits. */
  digits?: readonly string[];
  issues: readonly Issue[];
}

/** The server refuses the document, for these reasons. */
export class RefusedDocument extends Error {
  constructor(readonly issues: readonly Issue[]) {
    super('refused');
    this.name = 'RefusedDocument';
  }
}

const MAX_JSON = 1 << 20;

export async function readIncoming(definition: string, file: File, choice: Choice | undefined): Promise<Incoming> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const name = file.name.replace(/\.[A-Za-z0-9]{1,8}$/, '');
  return isJson(bytes) ? readJson(definition, bytes, name) : readXml(definition, bytes, name, choice);
}

function isJson(bytes: Uint8Array): boolean {
  return /^\ufeff?\s*[{[]/.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}

async function readJson(definition: string, bytes: Uint8Array, title: string): Promise<Incoming> {
  if (bytes.length > MAX_JSON) throw new UnreadableFile('too_large', { limit: MAX_JSON >> 20 });
  // The very bytes are judged: reading them here first would hide a name that is there twice, or broken letters.
  const plain = bytes[0] === 0xef ? bytes.subarray(3) : bytes;
  const issues = await verdict(definition, plain);
  const json = new TextDecoder().decode(plain);
  return { document: filled(JSON.parse(json) as Sparse), title, issues, digits: longNumbers(json) };
}

/** A document as it may be sent: what the server fills in when it keeps one may be absent. */
type Sparse = Omit<GraphDocument, 'layout' | 'nodes' | 'notes'> & {
  layout?: Omit<Layout, 'frames'> & { frames?: readonly (Omit<Frame, 'title'> & { title?: string })[] };
  nodes: readonly (Omit<GraphNode, 'title'> & { title?: string })[];
  notes?: readonly (Omit<Note, 'text'> & { text?: string })[];
};

function filled({ layout = {}, nodes, notes, ...rest }: Sparse): GraphDocument {
  const { frames, ...places } = layout;
  return {
    ...rest,
    nodes: nodes.map((node) => ({ ...node, title: node.title ?? '' })),
    layout: { ...places, ...(frames !== undefined && { frames: frames.map((frame) => ({ ...frame, title: frame.title ?? '' })) }) },
    ...(notes !== undefined && { notes: notes.map((note) => ({ ...note, text: note.text ?? '' })) }),
  };
}

async function readXml(definition: string, bytes: Uint8Array, name: string, choice: Choice | undefined): Promise<Incoming> {
  decodeXml(bytes); // what is refused at once needs no worker
  const read = await readBpmnFile(bytes, choice);
  const laidOut = read.undrawn ? await tidied(read.document, { some: undefined, level: undefined }) : undefined;
  const document = laidOut ?? read.document;
  const { lines, readables, exact } = read;
  const title = read.title.trim() === '' ? name : read.title.trim();
  const issues = await verdict(definition, JSON.stringify(document));
  return { document, title, issues, bpmn: { lines, readables, choice: read.choice, exact, laidOut: laidOut !== undefined } };
}

/** What the server's rules say of a document; what is no document at all is refused. */
async function verdict(definition: string, json: string | Uint8Array): Promise<Issue[]> {
  const issues = await validateRaw(definition, json);
  const refusals = issues.filter(({ code }) => code.startsWith('json.') || code.startsWith('document.'));
  if (refusals.length > 0) throw new RefusedDocument(refusals);
  return issues;
}
