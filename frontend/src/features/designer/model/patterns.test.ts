// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { createStore } from 'zustand/vanilla';

import { canConnect } from '@/shared/graph/connect';
import { wordsOf } from '@/shared/graph/draw';
import { boxOf, boxesOverlap } from '@/shared/graph/geometry';
import { isNodeId } from '@/shared/graph/ids';
import { hasExit } from '@/shared/graph/kinds';
import { around, childrenOf, incoming, nodeById, outgoing } from '@/shared/graph/query';
import { line } from '@/shared/graph/testing';
import type { GraphDocument } from '@/shared/graph/types';

import { createDesignerStore } from '../store/designer-store';
import { createUiStore, type InsertTarget } from '../store/ui-store';
import type { DesignerContext } from './context';
import { fits, insertItem } from './insert-item';
import { paletteItems } from './palette';
import { PATTERNS } from './patterns';

function contextOf(doc: GraphDocument): DesignerContext {
  const store = createDesignerStore(doc);
  const ui = createUiStore();
  return {
    store, ui, seen: () => store.getState().doc, typeInto: createStore<{ ref: string | undefined }>()(() => ({ ref: undefined })), problems: () => [], canvas: () => null,
    types: () => ({}), locale: () => 'en', readOnly: false, mayPublish: true, save: () => undefined, tidy: () => undefined,
 exportAs: () => undefined,
  };
}

function disjoint(doc: GraphDocument): void {
  for (const a of doc.nodes) {
    for (const b of doc.nodes) {
      const nested = around(doc, a.id).includes(b.id) || around(doc, b.id).includes(a.id) || a.boundary?.on === b.id || b.boundary?.on === a.id;
      if (a.id >= b.id || nested || a.boundary !== undefined || b.boundary !== undefined) continue;
      expect(boxesOverlap(boxOf(doc, a), boxOf(doc, b)), `${a.id} and ${b.id}`).toBe(false);
    }
  }
}

const item = (id: string) => {
  const found = paletteItems([]).find((each) => each.id === `pattern:${id}`);
  if (found === undefined) throw new Error(id);
  return found;
};

describe.each(PATTERNS.map((pattern) => [pattern.id, pattern] as const))('the pattern %s', (_id, pattern) => {
  it('is drawn: known ends, legal flows, nothing covered, in both languages', () => {
    for (const locale of ['en', 'ru'] as const) {
      const doc = pattern.build(wordsOf(locale));
      expect(doc.nodes.every((node) => isNodeId(node.id))).toBe(true);
      for (const edge of doc.edges) expect(canConnect(doc, edge.from, edge.to, edge.id), `${edge.from} → ${edge.to}`).toEqual({ legal: true });
      expect(nodeById(doc, pattern.entry)).toBeDefined();
      const exit = nodeById(doc, pattern.exit);
      if (pattern.exit !== undefined) expect(exit !== undefined && hasExit(exit.kind)).toBe(true);
      expect(childrenOf(doc, undefined).some((node) => node.kind === 'start_event')).toBe(false);
      disjoint(doc);
    }
    expect(JSON.stringify(pattern.build(wordsOf('ru')))).toMatch(/[а-я]/);
  });

  it('goes where a step goes, as one step of the history', () => {
    const targets: InsertTarget[] = [{ where: 'edge', edge: 'e2' }, { where: 'after', node: 'check' }, { where: 'point', at: { x: 300, y: 400 } }, { where: 'end', from: 'start', at: { x: 300, y: 400 } }];
    for (const target of targets) {
      const before = target.where === 'end' ? { ...line(), edges: line().edges.filter((edge) => edge.from !== 'start') } : line();
      if (!fits(before, item(pattern.id), target)) {
        expect(pattern.exit, target.where).toBeUndefined();
        continue;
      }
      const context = contextOf(before);
      const id = insertItem(context, item(pattern.id), target);
      const { doc, history } = context.store.getState();
      expect(history.past).toHaveLength(1);
      expect(id === undefined ? undefined : nodeById(doc, id)?.kind).toBe(nodeById(pattern.build(wordsOf('en')), pattern.entry)?.kind);
      disjoint(doc);
      if (target.where !== 'point') expect(incoming(doc, id ?? '').length).toBeGreaterThan(0);
      if (target.where === 'edge' || target.where === 'after') expect(outgoing(doc, 'check').map((edge) => edge.to)).toEqual([id]);
      if (target.where === 'edge') expect(incoming(doc, 'end')).toHaveLength(1);
      context.store.getState().undo();
      expect(context.store.getState().doc).toBe(before);
    }
  });

  it('can be put in twice: new ids, readings that follow', () => {
    const context = contextOf(line());
    insertItem(context, item(pattern.id), { where: 'point', at: { x: 300, y: 400 } });
    insertItem(context, item(pattern.id), { where: 'point', at: { x: 300, y: 400 } });
    const { doc } = context.store.getState();
    expect(new Set(doc.nodes.map((node) => node.id)).size).toBe(doc.nodes.length);
    const second = doc.nodes.filter((node) => node.id.endsWith('_2'));
    const read = JSON.stringify(second.map(({ id: _, boundary: _b, parent: _p, ...rest }) => rest)).match(/tasks\.(\w+)/g) ?? [];
    expect(read.every((name) => name.endsWith('_2')), read.join()).toBe(true);
    disjoint(doc);
  });
});
