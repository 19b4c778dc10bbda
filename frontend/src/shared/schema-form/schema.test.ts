import { describe, expect, it } from 'vitest';

import { choicesOf, descriptionOf, humanise, initialValue, kindOf, propertiesOf, resolve, titleOf, type FieldKind, type Schema } from './schema';
import { issuesBelow, validate } from './validate';

const file: Schema = { type: 'object', format: 'file', properties: { $file: { type: 'string' } } };

describe('kindOf', () => {
  it.each<[Schema, FieldKind]>([
    [{ type: 'string' }, 'text'],
    [{ type: 'string', maxLength: 4000 }, 'long_text'],
    [{ type: 'string', format: 'multiline' }, 'long_text'],
    [{ type: 'string', format: 'date' }, 'date'],
    [{ type: 'string', format: 'date-time' }, 'date_time'],
    [{ type: 'string', format: 'decimal' }, 'decimal'],
    [{ type: ['string', 'null'] }, 'text'],
    [{ type: 'integer' }, 'integer'],
    [{ type: 'boolean' }, 'boolean'],
    [{ enum: ['a', 'b'] }, 'enum'],
    [{ const: 1 }, 'const'],
    [file, 'file'],
    [{ type: 'array', items: file }, 'files'],
    [{ type: 'array', items: { $ref: '#/$defs/scan' } }, 'files'],
    [{ type: 'array', items: { type: 'string' } }, 'array'],
    [{ type: 'array' }, 'json'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, 'object'],
    [{ properties: { a: { type: 'string' } } }, 'object'],
    [{ type: 'object' }, 'json'],
    [{ oneOf: [{ type: 'string' }, { type: 'number' }] }, 'json'],
    [{}, 'json'],
  ])('%j is a %s', (schema, kind) => {
    expect(kindOf(schema, { $defs: { scan: file } })).toBe(kind);
  });
});

describe('resolve', () => {
  it('follows references and lets the own keywords win', () => {
    const root: Schema = { $defs: { name: { type: 'string', title: 'Name', maxLength: 10 } } };
    expect(resolve({ $ref: '#/$defs/name', title: 'Applicant' }, root)).toEqual({ type: 'string', title: 'Applicant', maxLength: 10 });
  });

  it('gives up on a loop and on a reference to nothing', () => {
    expect(resolve({ $ref: '#/$defs/missing' }, {})).toEqual({});
    const root: Schema = { $defs: { a: { $ref: '#/$defs/a' } } };
    expect(resolve({ $ref: '#/$defs/a' }, root)).toHaveProperty('$ref');
  });
});

describe('initialValue', () => {
  it('takes defaults and constants, and objects that must be there', () => {
    const schema: Schema = {
      type: 'object',
      required: ['who'],
      properties: {
        strict: { type: 'boolean', default: true },
        kind: { const: 'sale' },
        name: { type: 'string' },
        who: { type: 'object', properties: { country: { type: 'string', default: 'RU' } } },
        extra: { type: 'object', properties: { country: { type: 'string', default: 'RU' } } },
      },
    };
    expect(initialValue(schema, schema)).toEqual({ strict: true, kind: 'sale', who: { country: 'RU' } });
  });
});

describe('titles', () => {
  const schema: Schema = { title: 'File', 'x-title-ru': 'Файл', description: 'What', 'x-description-ru': 'Что' };

  it('come in the reader’s language', () => {
    expect([titleOf(schema, 'file', 'en'), titleOf(schema, 'file', 'ru')]).toEqual(['File', 'Файл']);
    expect([descriptionOf(schema, 'en'), descriptionOf(schema, 'ru')]).toEqual(['What', 'Что']);
  });

  it('are made from the name when there are none', () => {
    expect(titleOf({}, 'application_form', 'en')).toBe('Application form');
    expect(humanise('firstName')).toBe('First name');
  });
});

describe('validate', () => {
  const schema: Schema = {
    type: 'object',
    required: ['applicant', 'amount'],
    additionalProperties: false,
    properties: {
      applicant: { type: 'string', minLength: 3 },
      amount: { type: 'integer', minimum: 1 },
      mail: { type: 'string', format: 'email' },
      lines: { type: 'array', items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
    },
  };

  it('accepts what fits', () => {
    expect(validate(schema, { applicant: 'Anna', amount: 2, lines: [{ sku: 'x' }] })).toEqual([]);
  });

  it('points at the field that is missing', () => {
    expect(validate(schema, { amount: 1 })).toEqual([{ path: '/applicant', code: 'required' }]);
    expect(validate(schema, { applicant: 'Anna', amount: 1, lines: [{}] })).toEqual([{ path: '/lines/0/sku', code: 'required' }]);
  });

  it('says the limit that is broken', () => {
    expect(validate(schema, { applicant: 'A', amount: 0 })).toEqual([
      { path: '/applicant', code: 'minLength', limit: 3 },
      { path: '/amount', code: 'minimum', limit: 1 },
    ]);
  });

  it('knows formats and wrong types', () => {
    expect(validate(schema, { applicant: 'Anna', amount: 'x', mail: 'nobody' })).toEqual([
      { path: '/amount', code: 'type', limit: 'integer' },
      { path: '/mail', code: 'format', limit: 'email' },
    ]);
  });

  it('finds what is not expected', () => {
    expect(validate(schema, { applicant: 'Anna', amount: 1, other: 1 }).map((issue) => issue.code)).toContain('additionalProperties');
  });
});

describe('issuesBelow', () => {
  it('keeps the issues of one part of the body and makes their paths its own', () => {
    const issues = [
      { path: '/input/who/name', code: 'schema.min_length', message: 'too short' },
      { path: '/inputs', code: 'x', message: 'another field' },
      { path: '/custom_id', code: 'required', message: 'missing' },
      { path: '/input', code: 'schema.type', message: 'not an object' },
    ];
    expect(issuesBelow(issues, '/input')).toEqual([
      { path: '/who/name', code: 'schema.min_length', message: 'too short' },
      { path: '', code: 'schema.type', message: 'not an object' },
    ]);
  });
});

describe('choices', () => {
  it('are the values of an enum, or constants with titles', () => {
    expect(choicesOf({ enum: ['a', 1] })?.map((choice) => choice.value)).toEqual(['a', 1]);
    expect(choicesOf({ oneOf: [{ const: 'a', title: 'A' }, { const: null }] })?.map((choice) => choice.value)).toEqual(['a', null]);
    expect(choicesOf({ oneOf: [{ const: 'a' }, { type: 'string' }] })).toBeUndefined();
    expect(choicesOf({ type: 'string' })).toBeUndefined();
  });

  it('are one of them, or several when no value comes twice', () => {
    const items = { type: 'string', enum: ['a', 'b'] };
    expect(kindOf({ type: 'string', oneOf: [{ const: 'a' }] }, {})).toBe('enum');
    expect(kindOf({ type: 'array', items, uniqueItems: true }, {})).toBe('enums');
    expect(kindOf({ type: 'array', items }, {})).toBe('array');
    expect(kindOf({ oneOf: [{ type: 'string' }] }, {})).toBe('json');
  });
});

describe('the order of fields', () => {
  it('is the one that is given, then the one that is written', () => {
    const properties = { a: {}, b: {}, c: {} };
    expect(propertiesOf({ properties, 'x-order': ['c', 'gone', 'a'] }).map(([name]) => name)).toEqual(['c', 'a', 'b']);
    expect(propertiesOf({ properties }).map(([name]) => name)).toEqual(['a', 'b', 'c']);
  });
});
