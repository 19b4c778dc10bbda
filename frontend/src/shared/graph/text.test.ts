import { describe, expect, it } from 'vitest';

import { expressionSource, literalText, readsName, renameTaskInValue, tasksReadBy, textLiteral, tokenize, valueMode, withName } from './expression';
import { idFromTitle, isNodeId, keyFromTitle, uniqueName } from './ids';
import { catalogFieldsOf, fieldsOf, resolve, titleOf, typeOf } from './json-schema';
import { random } from './testing';
import type { Value } from './types';

describe('a name that is put into a value', () => {
  it.each<[string, Value | undefined, number | undefined, Value]>([
    ['is what an empty field stands for', undefined, undefined, '=tasks.a.n'],
    ['takes the place of a number', 7, undefined, '=tasks.a.n'],
    ['takes the place of another name', '=input.b', undefined, '=tasks.a.n'],
    ['is read at the end of a text', 'Twice ', undefined, 'Twice {{tasks.a.n}}'],
    ['is read where it was dropped', 'ab', 1, 'a{{tasks.a.n}}b'],
    ['is read beside others', '{{input.b}}', undefined, '{{input.b}}{{tasks.a.n}}'],
    ['leaves a text that begins like an expression a text', '==a', undefined, '==a{{tasks.a.n}}'],
  ])('%s', (_, value, at, expected) => {
    expect(withName(value, 'tasks.a.n', at)).toBe(expected);
  });
});

describe('ids from titles', () => {
  it.each([
    ['Проверить подпись', 'proverit_podpis'],
    ['Щётка & ёж', 'shchetka_ezh'],
    ['Verify  signature!', 'verify_signature'],
    ['2 документа', 'step_2_dokumenta'],
    ['Überprüfen', 'uberprufen'],
    ['…', 'step'],
    ['', 'step'],
  ])('%j → %s', (title, id) => {
    expect(idFromTitle(title, new Set())).toBe(id);
  });

  it('are legal and free whatever the title', () => {
    const letters = Array.from('абвЯщъ zZ09_-—«»!ёüß日本😀');
    const taken = new Set<string>();
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      const title = Array.from({ length: Math.floor(next() * 120) }, () => letters[Math.floor(next() * letters.length)]).join('');
      const id = idFromTitle(title, taken);
      expect(isNodeId(id), `${title} → ${id}`).toBe(true);
      expect(taken.has(id)).toBe(false);
      taken.add(id);
    }
  });

  it('number on from the stem', () => {
    expect(uniqueName('step_2', new Set(['step', 'step_2']))).toBe('step_3');
    expect(uniqueName('a'.repeat(63), new Set(['a'.repeat(63)]))).toHaveLength(63);
    expect(keyFromTitle('Проверка документа')).toBe('proverka-dokumenta');
  });
});

describe('values', () => {
  it.each([
    ['=a', 'expression'],
    ['==a', 'literal'],
    ['Dear {{input.name}}', 'template'],
    ['plain', 'literal'],
    [5, 'literal'],
    [undefined, 'literal'],
  ])('%j is %s', (value, mode) => {
    expect(valueMode(value)).toBe(mode);
  });

  it('write a literal that begins with "=" and read it back', () => {
    for (const text of ['=x', 'x', '', '==']) expect(literalText(textLiteral(text))).toBe(text);
    expect(expressionSource('=a + b')).toBe('a + b');
  });

  it('split into tokens that join to the same source', () => {
    for (const source of ['tasks.a?.b["c"] ?? `x` // tasks.a', '1_000.5e3 .. 4', "'it\\'s' + \"}}\"", 'имя.поле', '"open', '/* tasks.a */ #']) {
      expect(tokenize(source).map((token) => token.text).join('')).toBe(source);
    }
  });
});

describe('readings of a task', () => {
  it.each([
    ['=tasks.a.valid', ['a']],
    ['=tasks?.a.x + tasks["b"].y', ['a', 'b']],
    ['=input.tasks.a', []],
    ['="tasks.a"', []],
    ['=tasks.a // tasks.b', ['a']],
    ['Hello {{tasks.a.name}} {{ "}}" + tasks.b.c }}', ['a', 'b']],
    ['==tasks.a', []],
    ['tasks.a', []],
  ])('%s reads %j', (value, names) => {
    expect(tasksReadBy(value)).toEqual(names);
  });

  it.each([
    ['=tasks.a.a + tasks.ab.a', '=tasks.z.a + tasks.ab.a'],
    ['=tasks [ \'a\' ].b', '=tasks [ \'z\' ].b'],
    ['=map(tasks.a.list, {"tasks.a": #.a})', '=map(tasks.z.list, {"tasks.a": #.a})'],
    ['{{tasks.a}} tasks.a', '{{tasks.z}} tasks.a'],
  ])('%s → %s', (value, renamed) => {
    expect(renameTaskInValue(value, 'a', 'z')).toBe(renamed);
  });

  it('keep the very object that names nothing', () => {
    const value = { a: [1, '=tasks.b.c'], d: null };
    expect(renameTaskInValue(value, 'x', 'y')).toBe(value);
    expect(renameTaskInValue(value, 'b', 'y')).toEqual({ a: [1, '=tasks.y.c'], d: null });
  });
});

describe('schemas', () => {
  const root = {
    $defs: { file: { type: 'object', format: 'file', title: 'File', 'x-title': { en: 'File', ru: 'Файл' } }, loop: { $ref: '#/$defs/loop' } },
    type: 'object',
    properties: { b: { $ref: '#/$defs/file' }, a: { anyOf: [{ type: 'string' }, { type: 'null' }] }, signedAt: { type: ['string', 'null'] } },
    required: ['a'],
    'x-order': ['a'],
  };

  it('resolve references, also endless ones', () => {
    expect(typeOf(resolve({ $ref: '#/$defs/file' }, root))).toBe('file');
    expect(typeOf(resolve(root.properties.a, root))).toBe('string');
    expect(resolve({ $ref: '#/$defs/loop' }, root)).toBeDefined();
    expect(resolve({ $ref: 'https://elsewhere/' }, root)).toEqual({ $ref: 'https://elsewhere/' });
  });

  it('give fields in the author\'s order, with titles in both languages', () => {
    expect(fieldsOf(root).map((field) => [field.name, field.required])).toEqual([
      ['a', true],
      ['b', false],
      ['signedAt', false],
    ]);
    const stored = { properties: { to: {}, text: {}, subject: {}, reply: {} }, required: ['to', 'subject', 'text'] };
    expect(catalogFieldsOf(stored).map((field) => field.name)).toEqual(['to', 'subject', 'text', 'reply']);
    expect(fieldsOf(stored).map((field) => field.name)).toEqual(['to', 'text', 'subject', 'reply']);
    expect(titleOf(resolve({ $ref: '#/$defs/file' }, root), 'b', 'ru')).toBe('Файл');
    expect(titleOf({}, 'signedAt', 'en')).toBe('Signed at');
  });
});

describe('readsName', () => {
  const names = new Set(['undone', 'item']);
  it.each<[Value, boolean]>([
    ['=undone.output.fee', true],
    ['fee {{ item.sum }}', true],
    [{ fee: ['=undone?.input'] }, true],
    ['=tasks.item.undone', false],
    ['={item: input.sum}', false],
    ['="item"', false],
    ['item', false],
  ])('%j: %j', (value, reads) => {
    expect(readsName(value, names)).toBe(reads);
  });
});
