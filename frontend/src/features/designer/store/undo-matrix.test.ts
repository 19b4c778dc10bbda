// Every action that makes a step, and every change of the table's and the form's editors, on the real store: undo gives back the
// document byte for byte, redo what was made, undo the document again.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';

import { NOTHING_SELECTED, type CanvasSelection } from '@/shared/canvas/canvas-context';
import { updateNode } from '@/shared/graph/edit';
import { diamond } from '@/shared/graph/testing';
import type { DecisionTask, GraphDocument, JsonObject } from '@/shared/graph/types';
import { viewOf } from '@/shared/graph/view';

import type { DesignerContext } from '../model/context';
import { copySelection, cutSelection, pasteText } from '../model/edit-actions';
import { changedField, converted, movedField, renamedField, withField, withKeyword, withoutField, withRequired } from '../model/form-schema';
import { insertItem } from '../model/insert-item';
import { paletteItems } from '../model/palette';
import { ACTIONS, actionById } from '../model/registry';
import { cleared, describedColumn, emptyRule, filledDown, movedColumn, movedRules, withColumn, withoutColumn, withoutRules, withRules, withTexts } from '../model/table-edit';
import { createDesignerStore } from './designer-store';
import { createUiStore } from './ui-store';

const table: DecisionTask = {
  hit: 'first', inputs: ['=tasks.check.pages', '=input.kind'], outputs: ['days'], input_columns: [{ name: 'Pages' }],
  rules: [{ when: ['> 5', '-'], then: [3] }, { when: ['-', 'sale'], then: ['=input.days'] }, { when: ['-', '-'], then: [1] }],
};
const form: JsonObject = {
  type: 'object', required: ['a'], if: { required: ['b'] },
  properties: { a: { title: 'A', type: 'string', 'x-title-ru': 'А' }, b: { anyOf: [{ type: 'string' }] }, c: { type: 'integer', minimum: 1 } },
};

function begun(): GraphDocument {
  const doc = diamond();
  return {
    ...doc,
    nodes: doc.nodes.map((node) =>
      node.id === 'no'
        ? { id: 'no', kind: 'decision_task', title: 'No', decision: table }
        : node.id === 'yes'
          ? { id: 'yes', kind: 'user_task', title: 'Yes', user: { form } }
          : node,
    ),
    notes: [{ id: 'n1', text: 'Why', x: 0, y: 400, width: 200, height: 80 }],
    layout: { ...doc.layout, frames: [{ id: 'f1', title: 'Frame', nodes: ['yes', 'no'] }] },
  };
}

function contextOf(doc: GraphDocument, selection: CanvasSelection): DesignerContext {
  const store = createDesignerStore(doc);
  const ui = createUiStore();
  store.getState().select(selection);
  return {
    store, ui,
    seen: () => viewOf(store.getState().doc, ui.getState().view),
    typeInto: createStore<{ ref: string | undefined }>()(() => ({ ref: undefined })),
    canvas: () => null, problems: () => [], types: () => ({}), locale: () => 'en', readOnly: false, mayPublish: true, save: vi.fn(), tidy: vi.fn(), exportAs: vi.fn(),
  };
}

function expectThereAndBack(context: DesignerContext, act: () => void, name: string): void {
  const { store } = context;
  const text = (): string => JSON.stringify(store.getState().doc);
  const before = text();
  act();
  const after = text();
  expect(after, `${name} changes something`).not.toBe(before);
  const steps = store.getState().history.past.length;
  expect(steps, `${name} is one step`).toBe(1);
  for (const [go, expected] of [['undo', before], ['redo', after], ['undo', before]] as const) {
    store.getState()[go]();
    expect(text(), `${go} of ${name}`).toBe(expected);
  }
}

const one: CanvasSelection = { nodes: ['yes'], edges: [] };
const some: CanvasSelection = { nodes: ['check', 'decide', 'yes', 'no'], edges: [] };
/** What must be selected for an action that needs more than one step. */
const NEEDS: Readonly<Record<string, CanvasSelection>> = {
  ...Object.fromEntries(ACTIONS.filter((action) => /^(align|distribute)_/.test(action.id)).map((action) => [action.id, some])),
  frame: { nodes: ['check'], edges: [] },
  unframe: { ...NOTHING_SELECTED, frames: ['f1'] },
};
/** These ask first, or work elsewhere: what they lead to is tried below. */
const ELSEWHERE = new Set(['undo', 'redo', 'insert', 'add_next', 'add_before', 'add_above', 'add_below', 'connect', 'connect_from', 'replace', 'rename', 'tidy', 'paste', 'cut', 'copy', 'import']);

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
});

describe('undo, redo, undo', () => {
  const direct = ACTIONS.filter((action) => action.undo === 'step' && !ELSEWHERE.has(action.id));

  it('covers the actions that change the document at once', () => {
    expect(direct.map((action) => action.id)).toEqual(expect.arrayContaining(['delete', 'delete_break', 'duplicate', 'add_note', 'frame', 'unframe', 'align_left', 'nudge_right']));
  });

  it.each(direct.map((action) => [action.id]))('action %s', (id) => {
    const context = contextOf(begun(), NEEDS[id] ?? one);
    const action = actionById(id);
    expect(action.enabled(context), `${id} is possible`).toBe(true);
    expectThereAndBack(context, () => { action.run(context); }, id);
  });

  it.each<[string, (context: DesignerContext) => void]>([
    ['cut', (context) => { cutSelection(context); }],
    ['paste', (context) => { pasteText(context, copySelection(context) ?? ''); }],
    ['insert after', (context) => { insertItem(context, paletteItems([]).find((item) => item.id === 'script_task') ?? fail(), { where: 'after', node: 'check' }); }],
    ['insert on a flow', (context) => { insertItem(context, paletteItems([]).find((item) => item.id === 'user_task') ?? fail(), { where: 'edge', edge: 'e2' }); }],
  ])('%s', (name, act) => {
    const context = contextOf(begun(), one);
    expectThereAndBack(context, () => { act(context); }, name);
  });

  it.each<[string, (each: DecisionTask) => DecisionTask | undefined]>([
    ['hit policy', (each) => ({ ...each, hit: 'collect' })],
    ['cell', (each) => withTexts(each, { row: 0, column: 0 }, [['7']])],
    ['paste below', (each) => withTexts(each, { row: 3, column: 1 }, [['sale', '4'], ['gift', '5']])],
    ['clear', (each) => cleared(each, { top: 0, left: 0, bottom: 1, right: 2 })],
    ['fill down', (each) => filledDown(each, { top: 0, left: 0, bottom: 2, right: 2 })],
    ['insert a rule', (each) => withRules(each, 1, [emptyRule(each)])],
    ['remove rules', (each) => withoutRules(each, 0, 1)],
    ['move rules', (each) => movedRules(each, 0, 1, 1)],
    ['add an input', (each) => withColumn(each, 'input', 0)],
    ['add an output', (each) => withColumn(each, 'output', 1)],
    ['remove a column', (each) => withoutColumn(each, 1)],
    ['move a column', (each) => movedColumn(each, 0, 1)],
    ['describe a column', (each) => describedColumn(each, 2, { type: 'integer' })],
  ])('table: %s', (name, change) => {
    const context = contextOf(begun(), one);
    const { doc, edit } = context.store.getState();
    expectThereAndBack(context, () => { edit({ label: { key: 'step.table_cell' }, doc: updateNode(doc, 'no', (node) => ({ ...node, decision: change(table) ?? table })) }); }, name);
  });

  it.each<[string, (schema: JsonObject) => JsonObject]>([
    ['add a field', (schema) => withField(schema, 'd', { type: 'boolean' }, true)],
    ['remove a field', (schema) => withoutField(schema, 'a')],
    ['rename a field', (schema) => renamedField(schema, 'b', 'other')],
    ['move a field', (schema) => movedField(schema, 2, 0)],
    ['require a field', (schema) => withRequired(schema, 'c', true)],
    ['label a field', (schema) => changedField(schema, 'a', (field) => withKeyword(field, 'title', 'Name'))],
    ['change a kind', (schema) => changedField(schema, 'c', (field) => converted(field, 'choice'))],
  ])('form: %s', (name, change) => {
    const context = contextOf(begun(), one);
    const { doc, edit } = context.store.getState();
    expectThereAndBack(context, () => { edit({ label: { key: 'step.change_input' }, doc: updateNode(doc, 'yes', (node) => ({ ...node, user: { ...node.user, form: change(form) } })) }); }, name);
  });
});

function fail(): never {
  throw new Error('the palette lacks a step');
}
