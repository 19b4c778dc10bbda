import { describe, expect, it } from 'vitest';

import type { JsonObject } from '@/shared/graph/types';

import { changedAt, changedField, choicesOf, converted, FIELD_KINDS, formFields, kindOf, movedField, otherRules, renamedField, shapeOf, withChoices, withField, withKeyword, withoutField, withRequired } from './form-schema';
import { readFields, writeFields } from './input-fields';

// Written by hand, with much that a builder has no words for.
const written: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    sum: { description: 'Whole roubles', minimum: 1, type: 'integer', exclusiveMaximum: 100, title: 'Sum' },
    name: { 'x-title-ru': 'Имя', type: 'string', title: 'Name', pattern: '^[A-Z]' },
    either: { oneOf: [{ type: 'string' }, { type: 'number' }], 'x-hint': 'kept' },
    note: { type: ['string', 'null'] },
    ref: { $ref: '#/$defs/address' },
    home: { type: 'object', properties: { city: { type: 'string' }, zip: { type: 'string', const: '1' } }, required: ['city'] },
  },
  required: ['name', 'sum'],
  if: { required: ['note'] },
  then: { required: ['home'] },
  $defs: { address: { type: 'object', properties: { street: { type: 'string' } } } },
};

describe('the kind of a field', () => {
  it.each(FIELD_KINDS.map((kind) => [kind]))('%s is told from what a builder writes', (kind) => {
    expect(kindOf(shapeOf(kind))).toBe(kind);
  });

  it('is custom for everything that has more to say', () => {
    expect(formFields(written).map((field) => [field.name, field.kind])).toEqual([
      ['sum', 'custom'], ['name', 'text'], ['either', 'custom'], ['note', 'custom'], ['ref', 'custom'], ['home', 'object'],
    ]);
  });
});

describe('a schema that was written by hand', () => {
  it('comes through the panel byte for byte but for the order of its fields', () => {
    const again = writeFields(written, readFields(written));
    expect(JSON.stringify(again.properties)).toBe(JSON.stringify(written.properties));
    const { 'x-order': order, required, ...rest } = again;
    expect(order).toEqual(['sum', 'name', 'either', 'note', 'ref', 'home']);
    expect(required).toEqual(['sum', 'name']);
    const { required: _, ...before } = written;
    expect(JSON.stringify(rest)).toBe(JSON.stringify(before));
  });

  it.each<[string, (schema: JsonObject) => JsonObject, string]>([
    ['a label', (schema) => changedField(schema, 'name', (field) => withKeyword(field, 'title', 'Full name')), '"title":"Full name"'],
    ['a new field', (schema) => withField(schema, 'age', { type: 'integer' }, true), '"age":{"type":"integer"}'],
    ['a rename', (schema) => renamedField(schema, 'note', 'remark'), '"remark":{"type":["string","null"]}'],
    ['a move', (schema) => movedField(schema, 0, 2), '"x-order":["name","either","sum","note","ref","home"]'],
    ['an end of duty', (schema) => withRequired(schema, 'sum', false), '"required":["name"]'],
    ['a change in a group', (schema) => changedAt(schema, ['properties', 'home'], (home) => changedField(home, 'city', (city) => withKeyword(city, 'maxLength', 40))), '"city":{"type":"string","maxLength":40}'],
    ['a field that goes', (schema) => withoutField(schema, 'sum'), '"required":["name"]'],
  ])('keeps what %s does not touch', (_name, change, expected) => {
    const next = change(written);
    expect(JSON.stringify(next)).toContain(expected);
    for (const text of ['"either":{"oneOf":[{"type":"string"},{"type":"number"}],"x-hint":"kept"}', '"ref":{"$ref":"#/$defs/address"}', '"if":{"required":["note"]}', '"zip":{"type":"string","const":"1"}']) {
      expect(JSON.stringify(next)).toContain(text);
    }
  });

  it('tells which rules are not shown', () => {
    expect(otherRules(written)).toEqual(['if', 'then']);
  });
});

describe('a change of kind', () => {
  const field: JsonObject = { type: 'string', title: 'Sum', 'x-title-ru': 'Сумма', minLength: 2, description: 'All of it' };

  it('keeps the texts and drops the bounds of the old kind', () => {
    expect(converted(field, 'integer')).toEqual({ type: 'integer', title: 'Sum', 'x-title-ru': 'Сумма', description: 'All of it' });
    expect(converted(field, 'long_text')).toEqual({ type: 'string', format: 'multiline', title: 'Sum', 'x-title-ru': 'Сумма', minLength: 2, description: 'All of it' });
  });

  it('keeps the choices between one and many', () => {
    const one: JsonObject = { type: 'string', enum: ['a', 'b'] };
    expect(converted(converted(one, 'choices'), 'choice')).toEqual(one);
  });

  it('to nothing that a builder knows changes nothing', () => {
    expect(converted(field, 'custom')).toBe(field);
  });
});

describe('choices', () => {
  it('get titles and lose them', () => {
    const plain: JsonObject = { type: 'string', enum: ['s', 'g'] };
    const titled = withChoices(plain, [{ value: 's', title: 'Sale' }, { value: 'g', title: '' }]);
    expect(titled).toEqual({ type: 'string', oneOf: [{ const: 's', title: 'Sale' }, { const: 'g' }] });
    expect(choicesOf(titled)).toEqual([{ value: 's', title: 'Sale' }, { value: 'g', title: '' }]);
    expect(withChoices(titled, [{ value: 's', title: '' }, { value: 'g', title: '' }])).toEqual(plain);
  });

  it('keep what else is said of one', () => {
    const own: JsonObject = { type: 'string', oneOf: [{ const: 's', title: 'Sale', 'x-title-ru': 'Продажа' }] };
    expect(withChoices(own, [{ value: 'sale', title: 'Sale' }])).toEqual({ type: 'string', oneOf: [{ const: 'sale', title: 'Sale', 'x-title-ru': 'Продажа' }] });
  });
});
