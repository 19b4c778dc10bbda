// A whole document as one SVG picture: light, without anything around it, drawn from the same geometry as the canvas. It is pure:
// icons and the widths of texts come from whoever asks.

import { routeHints } from '../graph/detours';
import { boundsOf, boxOf, frameBox, outline, type Box } from '../graph/geometry';
import { isChoice, shapeOf } from '../graph/kinds';
import { around, nodeById, undoneBy } from '../graph/query';
import { arrowHead, pathThrough, routeEdge, type End } from '../graph/route';
import type { Color, GraphDocument, GraphNode, Note } from '../graph/types';
import { plainText, wrap, type Font, type Measure } from './wrap';

export interface PictureText {
  text: string;
  tone: 'title' | 'condition' | 'default';
}

export interface Pencil {
  measure: Measure;
  /** The children of an SVG of 24 × 24. */
  icon: (node: GraphNode) => string;
  marker: (name: 'parallel' | 'sequential' | 'undoes') => string;
  title: (node: GraphNode) => string;
  subtitle: (node: GraphNode) => string;
  label: (edge: GraphDocument['edges'][number], choice: boolean) => PictureText | undefined;
  tint: (node: GraphNode) => { back: string; ink: string };
  caption: (doc: GraphDocument) => ReadonlyMap<string, 'below' | 'above' | 'after' | 'before'>;
  /** CSS that brings the fonts along. */
  fonts: string;
}

export interface Picture {
  svg: string;
  width: number;
  height: number;
}

const MARGIN = 48;
const INK = '#111827';
const MUTED = '#64748b';
const LINE = '#cbd5e1';
const PANEL = '#ffffff';
const PAGE = '#ffffff';
const BAD = '#a8071a';

const PAPER: Readonly<Record<Color, { paper: string; line: string; ink: string }>> = {
  amber: { paper: '#fdf3e3', line: '#f0d9ae', ink: '#5c3a08' },
  blue: { paper: '#e8effd', line: '#c4d6fa', ink: '#1e3a8a' },
  teal: { paper: '#e6f4f1', line: '#b9e0d8', ink: '#0d4f49' },
  violet: { paper: '#f1ebfd', line: '#d8c9f8', ink: '#4c1d95' },
  slate: { paper: '#f1f5f9', line: '#d5dde7', ink: '#334155' },
};

const paperOf = (color: Color | undefined, usual: Color): (typeof PAPER)[Color] => PAPER[color !== undefined && color in PAPER ? color : usual];

const TITLE: Font = { size: 14, weight: 600 };
const SMALL: Font = { size: 12, weight: 400 };
const NAME: Font = { size: 13, weight: 600 };
const NOTE: Font = { size: 13, weight: 400 };
const CODE: Font = { size: 11, weight: 400, mono: true };

// XML has no place for the control characters that a title may hold.
// eslint-disable-next-line no-control-regex -- these are the characters that are taken out
const escaped = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const n = (value: number): string => String(Math.round(value * 100) / 100);

function textAt(lines: readonly string[], x: number, y: number, step: number, font: Font, ink: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  const kind = `${font.mono === true ? 'm' : 't'}${String(font.weight)}`;
  return lines
    .map((line, index) => (line === '' ? '' : `<text class="${kind}" x="${n(x)}" y="${n(y + index * step)}" font-size="${String(font.size)}" fill="${ink}" text-anchor="${anchor}">${escaped(line)}</text>`))
    .join('');
}

function rect(box: Box, radius: number, fill: string, stroke: string, more = ''): string {
  return `<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.width)}" height="${n(box.height)}" rx="${String(radius)}" fill="${fill}" stroke="${stroke}"${more}/>`;
}

function icon(markup: string, x: number, y: number, size: number, ink: string, weight = 1.75): string {
  const scale = size / 24;
  return `<g transform="translate(${n(x)} ${n(y)}) scale(${n(scale)})" fill="none" stroke="${ink}" color="${ink}" stroke-width="${n(weight)}" stroke-linecap="round" stroke-linejoin="round">${markup}</g>`;
}

export function drawPicture(doc: GraphDocument, pencil: Pencil): Picture | undefined {
  const bounds = boundsOf(doc);
  if (bounds === undefined) return undefined;
  const captions = pencil.caption(doc);
  const frames = doc.nodes.filter((node) => shapeOf(node.kind) === 'frame').sort((a, b) => around(doc, a.id).length - around(doc, b.id).length);
  const steps = doc.nodes.filter((node) => shapeOf(node.kind) !== 'frame').sort((a, b) => Number(a.boundary !== undefined) - Number(b.boundary !== undefined));
  const parts = [
    ...(doc.layout.frames ?? []).flatMap((frame) => {
      const box = frameBox(doc, frame);
      return box === undefined ? [] : [group(box, frame.title, paperOf(frame.color, 'slate'), pencil)];
    }),
    ...frames.map((node) => subProcess(doc, node, pencil)),
    ...(doc.notes ?? []).map((note) => noteOf(note, pencil)),
    ...flows(doc, pencil),
    ...steps.map((node) => step(doc, node, captions.get(node.id) ?? 'below', pencil)),
    ...labels(doc, pencil),
  ];
  // Loops and titles reach beyond the steps.
  const left = bounds.x - MARGIN - 40;
  const top = bounds.y - MARGIN - 56;
  const width = Math.ceil(bounds.width + (MARGIN + 40) * 2);
  const height = Math.ceil(bounds.height + (MARGIN + 56) * 2);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="${n(left)} ${n(top)} ${String(width)} ${String(height)}">` +
    `<style>${pencil.fonts}text{font-family:"Inter Variable",Inter,"Segoe UI",Arial,sans-serif;dominant-baseline:alphabetic}.t400,.m400{font-weight:400}.t600{font-weight:600}` +
    `.m400{font-family:"JetBrains Mono Variable",ui-monospace,Consolas,monospace}</style>` +
    `<rect x="${n(left)}" y="${n(top)}" width="${String(width)}" height="${String(height)}" fill="${PAGE}"/>${parts.join('')}</svg>`;
  return { svg, width, height };
}

function group(box: Box, title: string, paper: (typeof PAPER)[Color], pencil: Pencil): string {
  return rect(box, 16, paper.paper, paper.line, ' fill-opacity="0.6"') + textAt(wrap(title, box.width - 28, 1, NAME, pencil.measure), box.x + 16, box.y + 23, 18, NAME, paper.ink);
}

function subProcess(doc: GraphDocument, node: GraphNode, pencil: Pencil): string {
  const box = boxOf(doc, node);
  const lines = wrap(pencil.title(node), box.width - 40, 1, NAME, pencil.measure);
  return rect(box, 16, '#f8fafc', LINE) + textAt(lines, box.x + 16, box.y + 26, 18, NAME, INK) + markers(doc, node, box, pencil);
}

function markers(doc: GraphDocument, node: GraphNode, box: Box, pencil: Pencil): string {
  const names = [
    ...(node.multi === undefined ? [] : [node.multi.sequential === true ? ('sequential' as const) : ('parallel' as const)]),
    ...(undoneBy(doc, node.id).length > 0 ? ['undoes' as const] : []),
  ];
  const width = names.length * 17 - 4;
  return names.map((name, index) => icon(pencil.marker(name), box.x + box.width / 2 - width / 2 + index * 17, box.y + box.height - 17, 13, MUTED, 2)).join('');
}

function noteOf(note: Note, pencil: Pencil): string {
  const paper = paperOf(note.color, 'amber');
  const lines = wrap(plainText(note.text), note.width - 24, Math.max(1, Math.floor((note.height - 16) / 18)), NOTE, pencil.measure);
  return rect(note, 10, paper.paper, paper.line) + textAt(lines, note.x + 12, note.y + 23, 18, NOTE, paper.ink);
}

function endOf(doc: GraphDocument, id: string): End | undefined {
  const node = nodeById(doc, id);
  if (node === undefined) return undefined;
  const box = boxOf(doc, node);
  return { kind: node.kind, box: outline(node.kind, box, box) };
}

function flows(doc: GraphDocument, pencil: Pencil): string[] {
  const undoing = doc.nodes.flatMap((node) => {
    const [from, to] = [endOf(doc, node.id), node.undone_by === undefined ? undefined : endOf(doc, node.undone_by)];
    if (from === undefined || to === undefined) return [];
    return [`<path d="${pathThrough(routeEdge(from, to).points, 8)}" fill="none" stroke="${MUTED}" stroke-width="1.5" stroke-dasharray="2 4" stroke-linecap="round"/>`];
  });
  const lines = routes(doc, pencil).map(
    ({ points }) => `<path d="${pathThrough(points, 8, 8)}" fill="none" stroke="${MUTED}" stroke-width="1.5"/><path d="${arrowHead(points, 9)}" fill="${MUTED}"/>`,
  );
  return [...undoing, ...lines];
}

function routes(doc: GraphDocument, pencil: Pencil): { points: ReturnType<typeof routeEdge>['points']; at: { x: number; y: number }; room: number; label: PictureText | undefined }[] {
  const hints = routeHints(doc);
  return doc.edges.flatMap((edge) => {
    const [from, to] = [endOf(doc, edge.from), endOf(doc, edge.to)];
    if (from === undefined || to === undefined) return [];
    const route = routeEdge(from, to, hints.get(edge.id));
    const label = pencil.label(edge, isChoice(nodeById(doc, edge.from)?.kind));
    return [{ points: route.points, at: route.label, room: route.labelRoom === undefined ? 160 : Math.max(56, route.labelRoom - 20), label }];
  });
}

/** Labels lie above everything: a flow may cross a card's edge. */
function labels(doc: GraphDocument, pencil: Pencil): string[] {
  return routes(doc, pencil).flatMap(({ at, room, label }) => {
    if (label === undefined) return [];
    const font = label.tone === 'condition' ? CODE : SMALL;
    const [text = ''] = wrap(label.text, room - 16, 1, font, pencil.measure);
    const width = pencil.measure(text, font) + 16;
    const box = { x: at.x - width / 2, y: at.y - 11, width, height: 22 };
    return [rect(box, 11, PANEL, LINE, label.tone === 'default' ? ' stroke-dasharray="4 3"' : '') + textAt([text], at.x, at.y + 4, 16, font, label.tone === 'title' ? INK : MUTED, 'middle')];
  });
}

function step(doc: GraphDocument, node: GraphNode, caption: 'below' | 'above' | 'after' | 'before', pencil: Pencil): string {
  const box = boxOf(doc, node);
  switch (shapeOf(node.kind)) {
    case 'event':
      return event(node, box, pencil);
    case 'gateway':
      return gateway(node, box, caption, pencil);
    default:
      return card(doc, node, box, pencil);
  }
}

function card(doc: GraphDocument, node: GraphNode, box: Box, pencil: Pencil): string {
  const { back, ink } = pencil.tint(node);
  const room = box.width - 14 * 2 - 40 - 12;
  const title = wrap(pencil.title(node), room, 2, TITLE, pencil.measure);
  const subtitle = pencil.subtitle(node);
  const below = subtitle === '' ? [] : wrap(subtitle, room, 1, SMALL, pencil.measure);
  const height = title.length * 18 + below.length * 17;
  const x = box.x + 14 + 40 + 12;
  const y = box.y + (box.height - height) / 2 + 14;
  return (
    rect(box, 12, PANEL, LINE) +
    rect({ x: box.x + 14, y: box.y + (box.height - 40) / 2, width: 40, height: 40 }, 10, back, 'none') +
    icon(pencil.icon(node), box.x + 24, box.y + (box.height - 20) / 2, 20, ink) +
    textAt(title, x, y, 18, TITLE, INK) +
    textAt(below, x, y + title.length * 18 - 1, 17, SMALL, MUTED) +
    markers(doc, node, box, pencil)
  );
}

function event(node: GraphNode, box: Box, pencil: Pencil): string {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const ends = node.kind === 'end_event';
  const ink = node.end?.kind === 'error' ? BAD : INK;
  const dashed = node.boundary?.keeps_running === true ? ' stroke-dasharray="4 3"' : '';
  const weight = ends ? 4 : 2;
  const ring = (radius: number, width: number): string => `<circle cx="${n(middle.x)}" cy="${n(middle.y)}" r="${n(radius)}" fill="${PANEL}" stroke="${ink}" stroke-width="${String(width)}"${dashed}/>`;
  const waits = !ends && node.kind !== 'start_event';
  const inner = node.end?.kind === 'terminate' ? `<circle cx="${n(middle.x)}" cy="${n(middle.y)}" r="9" fill="${ink}"/>` : icon(pencil.icon(node), middle.x - 9, middle.y - 9, 18, ink);
  const lines = node.title === '' ? [] : wrap(node.title, 120, 2, SMALL, pencil.measure);
  return ring(box.width / 2 - weight / 2, weight) + (waits ? ring(box.width / 2 - 4.75, 1.5) : '') + inner + textAt(lines, middle.x, box.y + box.height + 18, 16, SMALL, MUTED, 'middle');
}

function gateway(node: GraphNode, box: Box, caption: 'below' | 'above' | 'after' | 'before', pencil: Pencil): string {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const shape = `<rect x="${n(middle.x - 19)}" y="${n(middle.y - 19)}" width="38" height="38" rx="7" fill="${PANEL}" stroke="${INK}" stroke-width="2" transform="rotate(45 ${n(middle.x)} ${n(middle.y)})"/>`;
  const lines = node.title === '' ? [] : wrap(node.title, 120, 2, SMALL, pencil.measure);
  const [x, y, anchor] =
    caption === 'below' ? [middle.x, box.y + box.height + 22, 'middle' as const]
    : caption === 'above' ? [middle.x, box.y - 14 - (lines.length - 1) * 16, 'middle' as const]
    : caption === 'after' ? [middle.x + 16, box.y + box.height + 8, 'start' as const]
    : [middle.x - 16, box.y + box.height + 8, 'end' as const];
  return shape + icon(pencil.icon(node), middle.x - 9, middle.y - 9, 18, INK, 2.5) + textAt(lines, x, y, 16, SMALL, MUTED, anchor);
}
