// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import { everything } from '../bpmn/testing';
import { boundsOf } from '../graph/geometry';
import { emptyDocument } from '../graph/types';
import { drawPicture, type Pencil } from './draw-svg';
import { pngScale } from './to-png';
import { plainText, wrap } from './wrap';

const measure = (text: string): number => text.length * 10;

const pencil: Pencil = {
  measure,
  icon: (node) => `<i-${node.kind}/>`,
  marker: (name) => `<m-${name}/>`,
  title: (node) => (node.title === '' ? node.kind : node.title),
  subtitle: (node) => node.doc ?? '',
  label: (edge) => (edge.title === undefined || edge.title === '' ? undefined : { text: edge.title, tone: 'title' }),
  tint: () => ({ back: '#eee', ink: '#111' }),
  caption: () => new Map(),
  fonts: '@font-face{}',
};

describe('the picture of a document', () => {
  const doc = everything();
  const picture = drawPicture(doc, pencil);
  const svg = picture?.svg ?? '';
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');

  it('is well-formed SVG that holds everything, with room around it', () => {
    expect(parsed.querySelector('parsererror')).toBeNull();
    const [x = 0, y = 0, width = 0, height = 0] = (parsed.documentElement.getAttribute('viewBox') ?? '').split(' ').map(Number);
    const bounds = boundsOf(doc);
    expect(x).toBeLessThan(bounds?.x ?? 0);
    expect(y).toBeLessThan(bounds?.y ?? 0);
    expect(x + width).toBeGreaterThan((bounds?.x ?? 0) + (bounds?.width ?? 0));
    expect(y + height).toBeGreaterThan((bounds?.y ?? 0) + (bounds?.height ?? 0));
  });

  it('draws each step, flow, note, frame, marker and what undoes what', () => {
    for (const node of doc.nodes) if (node.kind !== 'sub_process' && node.end?.kind !== 'terminate') expect(svg).toContain(`<i-${node.kind}/>`);
    expect(svg.match(/stroke-width="1.5"\/><path/g)).toHaveLength(doc.edges.length);
    for (const text of ['Around', 'Read me', 'Part', 'yes', 'Check "all"', '<m-parallel/>', '<m-sequential/>', '<m-undoes/>', 'stroke-dasharray="2 4"']) {
      expect(svg.replaceAll('&quot;', '"')).toContain(text);
    }
  });

  it('is on white, and has its fonts with it', () => {
    expect(svg).toContain('fill="#ffffff"');
    expect(svg).toContain('@font-face{}');
  });

  it('is none of nothing', () => {
    expect(drawPicture(emptyDocument(), pencil)).toBeUndefined();
  });

  it('can’t be made to run anything by a title', () => {
    const evil = { ...doc, nodes: doc.nodes.map((node) => ({ ...node, title: '</text><script>alert(1)</script>\u0001' })) };
    const drawn = new DOMParser().parseFromString(drawPicture(evil, pencil)?.svg ?? '', 'image/svg+xml');
    expect(drawn.querySelector('parsererror')).toBeNull();
    expect(drawn.querySelector('script')).toBeNull();
  });
});

describe('lines of a text', () => {
  const font = { size: 10, weight: 400 };
  it.each<[string, number, number, string[]]>([
    ['one two three', 80, 3, ['one two', 'three']],
    ['one two three four', 80, 2, ['one two', 'three f…']],
    ['abcdefghijkl', 50, 3, ['abcde', 'fghij', 'kl']],
    ['a\nb', 50, 3, ['a', 'b']],
    ['', 50, 1, ['']],
  ])('%j in %i: at most %i', (text, width, most, lines) => {
    expect(wrap(text, width, most, font, measure)).toEqual(lines);
  });

  it('are without the marks of markdown', () => {
    expect(plainText('# Title\n- **bold** and `code`, [link](https://x)')).toBe('Title\n• bold and code, link');
  });
});

describe('the size of a PNG', () => {
  it('is twice the picture, and less when a browser could not hold that', () => {
    expect(pngScale({ width: 1000, height: 1000 })).toBe(2);
    expect(pngScale({ width: 32_000, height: 100 })).toBe(0.5);
    expect(pngScale({ width: 16_000, height: 16_000 })).toBeLessThan(0.6);
  });
});
