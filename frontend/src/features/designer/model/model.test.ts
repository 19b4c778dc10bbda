// @vitest-environment jsdom
import i18next from 'i18next';
import { describe, expect, it } from 'vitest';

import type { NodeType } from '@/shared/graph/node-type';
import { diamond, line } from '@/shared/graph/testing';
import type { GraphDocument } from '@/shared/graph/types';
import { TEMPLATES } from '@/shared/definition/templates';
import { canConnect } from '@/shared/graph/connect';

import { ACTIONS, actionById } from './registry';
import { keyNames } from './action';
import { complete } from './completion';
import { parseDuration, shortDuration } from './duration';
import { rank } from './fuzzy';
import { FIELD_KINDS, newField, readFields, writeInput } from './input-fields';
import { fits } from './insert-item';
import { groupItems, paletteItems, searchItems } from './palette';
import { groupByNode, marksFrom, problemsFrom, problemsOfField } from './problems';
import { scopeAt } from './scope';
import { filesInScope } from './scope-search';
import { fromElk, toElk } from './tidy';

const inspect: NodeType = {
  type: 'document.inspect@1',
  title: { en: 'Inspect a file', ru: 'Проверить файл' },
  doc: { en: '', ru: '' },
  category: { en: 'Documents', ru: 'Документы' },
  icon: 'file-search',
  input_schema: { type: 'object', properties: { file: { type: 'object', format: 'file' } } },
  output_schema: { type: 'object', properties: { valid: { type: 'boolean' }, pages: { type: 'integer' }, problems: { type: 'array', items: { type: 'object', properties: { code: { type: 'string' } } } } } },
  errors: [],
  side_effects: false,
  pool: 'documents',
  live: true,
};
const types = { [inspect.type]: inspect };

function withInput(): GraphDocument {
  const doc = diamond();
  const input_schema = { type: 'object', properties: { applicant: { type: 'object', properties: { name: { type: 'string' }, scan: { type: 'object', format: 'file' } } }, file: { type: 'object', format: 'file', title: 'Файл' } } };
  return { ...doc, nodes: doc.nodes.map((node) => (node.id === 'start' ? { ...node, start: { input_schema } } : node)) };
}

describe('completion', () => {
  const scope = scopeAt(withInput(), 'yes', types, 'en');
  const labels = (source: string): string[] => complete(source, source.length, scope)?.offers.map((offer) => offer.label) ?? [];

  it('offers what is in scope, by the path before the cursor', () => {
    expect(labels('')).toEqual(expect.arrayContaining(['input', 'tasks', 'process', 'len', 'true']));
    expect(labels('input.')).toEqual(['applicant', 'file']);
    expect(labels('input.applicant.')).toEqual(['name', 'scan']);
    expect(labels('len(tasks.')).toEqual(['check']);
    expect(labels('tasks.check.problems[0].')).toEqual(['code']);
    expect(labels('tasks.check?.va')).toEqual(['valid', 'pages', 'problems']);
    expect(labels('tasks.later.')).toEqual([]);
  });

  it('stays silent inside texts and numbers', () => {
    expect(labels('"inp')).toEqual([]);
    expect(labels('12')).toEqual([]);
  });

  it('replaces the word that is being typed', () => {
    expect(complete('a + inp', 7, scope)?.from).toBe(4);
  });

  it('knows every file in scope', () => {
    expect(filesInScope(scope).map((file) => file.path)).toEqual(['input.applicant.scan', 'input.file']);
  });
});

describe('finding a step', () => {
  const items = paletteItems([inspect]);
  const found = (query: string): string | undefined => searchItems(items, query, 'ru')[0]?.id;

  it.each([
    ['провер', 'document.inspect@1'],
    ['inspect', 'document.inspect@1'],
    ['ghjdthb', 'document.inspect@1'],
    ['если', 'exclusive_gateway'],
    ['xor', 'exclusive_gateway'],
    ['слияние', 'parallel_gateway'],
    ['abort', 'end_event:terminate'],
  ])('%s', (query, id) => {
    expect(found(query)).toBe(id);
  });

  it('finds nothing for nonsense, everything for nothing', () => {
    expect(searchItems(items, 'qqqqzzzz', 'en')).toEqual([]);
    expect(searchItems(items, '', 'en')).toHaveLength(items.length);
    expect(rank('ab', ['xxaxbx', 'ab'], (text) => [text])[0]).toBe('ab');
  });

  it('stands under its category, the built-in ones last', () => {
    expect(groupItems(items, 'ru').map((group) => group.category.ru)).toEqual(['Документы', 'Люди', 'Данные', 'Поток', 'События', 'На границе шага', 'Образцы']);
  });

  it('fits only where the graph stays legal', () => {
    const start = items.find((item) => item.kind === 'start_event');
    const end = items.find((item) => item.kind === 'end_event');
    expect(start && fits(line(), start, { where: 'point', at: { x: 0, y: 0 } })).toBe(false);
    expect(end && fits(line(), end, { where: 'edge', edge: 'e1' })).toBe(false);
  });
});

describe('input fields', () => {
  it('survive writing and reading, in order, for every kind', () => {
    let fields = FIELD_KINDS.map((kind, index) => ({ ...newField(`Поле ${index}`, [], kind), description: 'Подсказка', required: index % 2 === 0, choices: kind === 'choice' || kind === 'choices' ? ['a', 'b'] : [] }));
    fields = [...fields].reverse();
    const start = writeInput({}, fields);
    expect(readFields(start.input_schema)).toEqual(fields.map((field) => ({ ...field, schema: expect.anything() as object })));
    expect(start.input_schema?.['x-order']).toEqual(fields.map((field) => field.name));
    expect(start.input_schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
  });

  it('keep keywords that the panel does not know, and drop search keys of fields that are gone', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', minLength: 3 }, b: { type: 'integer' } }, required: ['b'], minProperties: 1 };
    const start = { input_schema: schema, search_keys: ['a', 'b'] };
    const [a] = readFields(start.input_schema);
    const next = writeInput(start, a === undefined ? [] : [a]);
    expect(next.input_schema).toMatchObject({ minProperties: 1, properties: { a: { type: 'string', minLength: 3 } } });
    expect(next.input_schema?.required).toBeUndefined();
    expect(next.search_keys).toEqual(['a']);
  });
});

describe('problems', () => {
  const issues = [
    { code: 'input.required', message: 'file is required', node: 'check', path: '/nodes/1/service/input/file' },
    { code: 'edge.condition', message: 'no condition', edge: 'e4', severity: 'warning' as const },
    { code: 'schema.type', message: 'wrong', path: '/nodes/3/service/input/text' },
    { code: 'gone', message: 'about a node that was deleted', node: 'gone' },
    { code: 'no_end', message: 'no end' },
  ];
  const problems = problemsFrom(issues, diamond(), diamond());

  it('find their node, also by a pointer into the document', () => {
    expect(problems.map((problem) => [problem.code, problem.node, problem.field])).toEqual([
      ['input.required', 'check', '/service/input/file'],
      ['schema.type', 'yes', '/service/input/text'],
      ['no_end', undefined, ''],
      ['edge.condition', undefined, ''],
    ]);
  });

  it('mark cards, a flow\'s on the gateway it leaves', () => {
    expect(marksFrom(problems, diamond())).toEqual({
      check: { severity: 'error', count: 1 },
      yes: { severity: 'error', count: 1 },
      decide: { severity: 'warning', count: 1 },
    });
    expect(groupByNode(problems, diamond()).map((group) => group.node)).toEqual(['check', 'yes', undefined, 'decide']);
    expect(problemsOfField(problems, { node: 'check' }, '/service/input/file')).toHaveLength(1);
    expect(problemsOfField(problems, { node: 'check' }, '/service/input/fil')).toHaveLength(0);
  });
});

describe('durations', () => {
  it.each([
    ['10', 10_000],
    ['10 s', 10_000],
    ['1.5 ч', 5_400_000],
    ['2 ч 30 мин', 9_000_000],
    ['1д', 86_400_000],
    ['', undefined],
    ['soon', null],
    ['5 parsecs', null],
  ])('%j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('are written so that they can be read', () => {
    for (const ms of [1, 999, 10_000, 90_000, 300_000, 3_600_000, 5_400_000, 86_400_000]) {
      expect(parseDuration(shortDuration(ms, 'ru'))).toBe(ms);
      expect(parseDuration(shortDuration(ms, 'en'))).toBe(ms);
    }
  });
});

describe('tidying up', () => {
  it('keeps the corner of the whole and puts centres on the grid', () => {
    const doc = diamond();
    const graph = toElk(doc);
    const answer = { ...graph, children: (graph.children ?? []).map((child, index) => ({ ...child, x: index * 300, y: index * 11 })) };
    const places = fromElk(doc, answer);
    expect(Object.keys(places)).toHaveLength(doc.nodes.length);
    expect(((places.check?.y ?? 0) + 36) % 8).toBe(0);
  });
});

describe('templates', () => {
  it('are legal graphs whose steps do not cover each other, in both languages', () => {
    for (const make of Object.values(TEMPLATES)) {
      for (const locale of ['en', 'ru'] as const) {
        const doc = make(locale);
        for (const edge of doc.edges) expect(canConnect(doc, edge.from, edge.to, edge.id)).toEqual({ legal: true });
        expect(new Set(doc.nodes.map((node) => node.id)).size).toBe(doc.nodes.length);
        expect(doc.nodes.filter((node) => node.kind === 'start_event')).toHaveLength(1);
      }
    }
  });
});

describe('the registry of actions', () => {
  it('has one action per id and per key, each with a label', () => {
    expect(new Set(ACTIONS.map((action) => action.id)).size).toBe(ACTIONS.length);
    const keys = ACTIONS.flatMap((action) => action.keys);
    expect(new Set(keys).size).toBe(keys.length);
    for (const action of ACTIONS) expect(i18next.exists(`designer:action.${action.id}`), action.id).toBe(true);
    expect(() => actionById('nothing')).toThrow();
  });

  it('names keys by their place, so that every layout works', () => {
    for (const action of ACTIONS) {
      for (const keys of action.keys) expect(keys.split('+').every((key) => key.length > 1), keys).toBe(true);
    }
    expect(keyNames('$mod+Shift+KeyZ').slice(1)).toEqual(['Shift', 'Z']);
  });
});
