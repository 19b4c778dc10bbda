// What a picture is drawn with in a browser: the canvas's icons, texts and fonts.

import { IconMenu2, IconPlayerTrackPrev, IconRepeat } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import cyrillicUrl from '@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2?url';
import latinUrl from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';

import { labelOf } from '../canvas/flow-edge';
import { NodeIcon } from '../canvas/icons';
import { EventIcon, GATEWAY_ICONS, subtitleOf } from '../canvas/nodes';
import { nodeTint, type Tint } from '../canvas/tint';
import { captionSides } from '../canvas/to-flow';
import { shapeOf } from '../graph/kinds';
import type { Locale, NodeType, NodeTypeMap } from '../graph/node-type';
import type { GraphNode } from '../graph/types';
import type { Pencil } from './draw-svg';
import type { Measure } from './wrap';

const TINTS: Readonly<Record<Tint, { back: string; ink: string }>> = {
  blue: { back: '#e8effd', ink: '#2563eb' },
  teal: { back: '#e6f4f1', ink: '#0f766e' },
  amber: { back: '#fdf3e3', ink: '#92400e' },
  violet: { back: '#f1ebfd', ink: '#6d28d9' },
  cyan: { back: '#e3f4f8', ink: '#0e7490' },
  slate: { back: '#f1f5f9', ink: '#334155' },
};

const MARKERS = { parallel: IconMenu2, sequential: IconRepeat, undoes: IconPlayerTrackPrev } as const;

export interface PencilOptions {
  types: NodeTypeMap;
  locale: Locale;
  /** A kind's usual name, for steps without a title. */
  kindName: (kind: GraphNode['kind']) => string;
  otherwise: string;
}

/** What an icon's component draws inside of its SVG. */
function markupOf(element: ReactNode): string {
  const holder = document.createElement('div');
  const root = createRoot(holder);
  flushSync(() => {
    root.render(element);
  });
  const svg = holder.querySelector('svg');
  const filled = svg?.getAttribute('fill') === 'currentColor';
  const markup = svg?.innerHTML ?? '';
  root.unmount();
  return filled ? `<g fill="currentColor" stroke="none">${markup}</g>` : markup;
}

function measured(): Measure {
  const context = document.createElement('canvas').getContext('2d');
  const known = new Map<string, number>();
  return (text, font) => {
    const name = `${String(font.weight)} ${String(font.size)}px ${font.mono === true ? '"JetBrains Mono Variable", monospace' : '"Inter Variable", sans-serif'}`;
    const key = `${name} ${text}`;
    const width = known.get(key);
    if (width !== undefined) return width;
    if (context === null) return text.length * font.size * 0.6;
    context.font = name;
    const now = context.measureText(text).width;
    known.set(key, now);
    return now;
  };
}

async function embedded(url: string, range: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `@font-face{font-family:"Inter Variable";font-weight:100 900;src:url(data:font/woff2;base64,${btoa(binary)}) format("woff2");unicode-range:${range}}`;
}

const CYRILLIC = 'U+0301,U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116';
const LATIN = 'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2190-2193,U+2212,U+2215,U+FEFF,U+FFFD';

export async function browserPencil({ types, locale, kindName, otherwise }: PencilOptions): Promise<Pencil> {
  const [latin, cyrillic] = await Promise.all([embedded(latinUrl, LATIN), embedded(cyrillicUrl, CYRILLIC), document.fonts.ready]);
  const typeOf = (node: GraphNode): NodeType | undefined => (node.service === undefined ? undefined : types[node.service.type]);
  const icons = new Map<string, string>();
  const once = (key: string, element: () => ReactNode): string => {
    const known = icons.get(key) ?? markupOf(element());
    icons.set(key, known);
    return known;
  };
  return {
    measure: measured(),
    icon: (node) => {
      const shape = shapeOf(node.kind);
      if (shape === 'event') return once(JSON.stringify([node.kind, node.start?.kind, node.end?.kind, node.boundary?.kind]), () => <EventIcon node={node} />);
      const Gateway = GATEWAY_ICONS[node.kind];
      if (shape === 'gateway' && Gateway !== undefined) return once(node.kind, () => <Gateway />);
      const type = typeOf(node);
      return once(`${node.kind} ${type?.icon ?? ''}`, () => <NodeIcon kind={node.kind} type={type} size={20} />);
    },
    marker: (name) => {
      const Marker = MARKERS[name];
      const markup = once(`marker ${name}`, () => <Marker />);
      return name === 'parallel' ? `<g transform="rotate(90 12 12)">${markup}</g>` : markup;
    },
    title: (node) => (node.title === '' ? kindName(node.kind) : node.title),
    subtitle: (node) => subtitleOf(node, typeOf(node), locale),
    label: (edge, choice) => labelOf(edge, choice, otherwise),
    tint: (node) => TINTS[nodeTint(node, typeOf(node))],
    caption: captionSides,
    fonts: latin + cyrillic,
  };
}
