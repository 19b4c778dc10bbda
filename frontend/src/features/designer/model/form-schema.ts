// Forms as JSON Schemas (2020-12): what a builder understands of them, and changes that leave alone, key by key, what it does not.

import { fieldsOf, isObject } from '@/shared/graph/json-schema';
import type { Json, JsonObject } from '@/shared/graph/types';

export const FIELD_KINDS = [
  'text', 'long_text', 'number', 'integer', 'decimal', 'boolean', 'date', 'datetime', 'email', 'choice', 'choices', 'file', 'files', 'list', 'object',
] as const;

/** "custom" is anything that a builder has no kind for; it is kept as it is. */
export type FieldKind = (typeof FIELD_KINDS)[number] | 'custom';

export interface Choice {
  value: Json;
  /** In the first language; empty: the value itself is shown. */
  title: string;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

export function shapeOf(kind: FieldKind): JsonObject {
  switch (kind) {
    case 'text':
      return { type: 'string' };
    case 'long_text':
      return { type: 'string', format: 'multiline' };
    case 'number':
      return { type: 'number' };
    case 'integer':
      return { type: 'integer' };
    case 'decimal':
      return { type: 'string', format: 'decimal' };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'datetime':
      return { type: 'string', format: 'date-time' };
    case 'email':
      return { type: 'string', format: 'email' };
    case 'choice':
      return { type: 'string', enum: [] };
    case 'choices':
      return { type: 'array', items: { type: 'string', enum: [] }, uniqueItems: true };
    case 'file':
      return { type: 'object', format: 'file' };
    case 'files':
      return { type: 'array', items: { type: 'object', format: 'file' } };
    case 'list':
      return { type: 'array', items: { type: 'string' } };
    case 'object':
      return { type: 'object' };
    case 'custom':
      return {};
  }
}

const TEXTS = ['type', 'title', 'description', 'default', 'examples'];
const KNOWN: Readonly<Record<Exclude<FieldKind, 'custom'>, readonly string[]>> = {
  text: ['minLength', 'maxLength', 'pattern'],
  long_text: ['format', 'minLength', 'maxLength', 'pattern'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  decimal: ['format'],
  boolean: [],
  date: ['format'],
  datetime: ['format'],
  email: ['format', 'minLength', 'maxLength', 'pattern'],
  choice: ['enum', 'oneOf'],
  choices: ['items', 'uniqueItems', 'minItems', 'maxItems'],
  file: ['format'],
  files: ['items', 'minItems', 'maxItems'],
  list: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties'],
};

function scalarKind(schema: JsonObject): FieldKind {
  if (Array.isArray(schema.enum) || Array.isArray(schema.oneOf)) return 'choice';
  if (schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean') return schema.type;
  switch (schema.format) {
    case undefined:
      return 'text';
    case 'multiline':
      return 'long_text';
    case 'date':
      return 'date';
    case 'date-time':
      return 'datetime';
    case 'email':
      return 'email';
    case 'decimal':
      return 'decimal';
    default:
      return 'custom';
  }
}

function guessed(schema: JsonObject): FieldKind {
  switch (schema.type) {
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return scalarKind(schema);
    case 'object':
      return schema.format === 'file' ? 'file' : schema.format === undefined ? 'object' : 'custom';
    case 'array': {
      if (!isObject(schema.items)) return 'custom';
      const items = kindOf(schema.items);
      if (items === 'file') return 'files';
      return items === 'choice' && schema.uniqueItems === true ? 'choices' : items === 'custom' ? 'custom' : 'list';
    }
    default:
      return 'custom';
  }
}

/** The kind whose every keyword a builder shows; else custom. Keywords of our own, "x-…", never stand in the way. */
export function kindOf(schema: JsonObject): FieldKind {
  const kind = guessed(schema);
  if (kind === 'custom') return kind;
  const known = KNOWN[kind];
  const whole = Object.keys(schema).every((key) => key.startsWith('x-') || TEXTS.includes(key) || known.includes(key));
  if (!whole || (kind === 'choice' && choicesOf(schema) === undefined)) return 'custom';
  return kind;
}

/** The same schema with a keyword, in its place where it was; undefined takes it away. */
export function withKeyword(schema: JsonObject, key: string, value: Json | undefined): JsonObject {
  if (value === undefined) {
    if (!(key in schema)) return schema;
    const { [key]: _, ...rest } = schema;
    return rest;
  }
  return schema[key] === value ? schema : { ...schema, [key]: value };
}

export function textOf(schema: JsonObject, key: string): string {
  const value = schema[key];
  return typeof value === 'string' ? value : '';
}

export function numberOf(schema: JsonObject, key: string): number | undefined {
  const value = schema[key];
  return typeof value === 'number' ? value : undefined;
}

/** A field of another kind keeps its texts, and what else fits the new kind. */
export function converted(schema: JsonObject, kind: FieldKind): JsonObject {
  if (kind === 'custom' || kindOf(schema) === kind) return schema;
  const known: readonly string[] = KNOWN[kind];
  const kept = Object.entries(schema).filter(([key]) => key.startsWith('x-') || key === 'title' || key === 'description' || (known.includes(key) && !(key in shapeOf(kind)) && !['items', 'oneOf', 'format'].includes(key)));
  const choices = choicesOf(choiceOwner(schema)) ?? [];
  const next: JsonObject = { ...shapeOf(kind), ...Object.fromEntries(kept) };
  return kind === 'choice' || kind === 'choices' ? withChoices(next, choices) : next;
}

/** Where the choices are: of many they are in the items. */
export function choiceOwner(schema: JsonObject): JsonObject {
  return schema.type === 'array' && isObject(schema.items) ? schema.items : schema;
}

/** What can be chosen: an enum, or a list of constants with titles; undefined for anything else. */
export function choicesOf(schema: JsonObject): Choice[] | undefined {
  if (Array.isArray(schema.enum)) return schema.oneOf === undefined ? schema.enum.map((value) => ({ value, title: '' })) : undefined;
  if (!Array.isArray(schema.oneOf)) return undefined;
  const choices: Choice[] = [];
  for (const each of schema.oneOf) {
    if (!isObject(each) || each.const === undefined || Object.keys(each).some((key) => key !== 'const' && key !== 'title' && !key.startsWith('x-'))) return undefined;
    choices.push({ value: each.const, title: textOf(each, 'title') });
  }
  return choices;
}

/** Choices as an enum, or, once one has a title, as constants with titles; what else was said of a constant stays. */
export function withChoices(schema: JsonObject, choices: readonly Choice[]): JsonObject {
  if (schema.type === 'array') return { ...schema, items: withChoices(isObject(schema.items) ? schema.items : { type: 'string' }, choices) };
  const before = Array.isArray(schema.oneOf) ? schema.oneOf.filter(isObject) : [];
  const { enum: _e, oneOf: _o, ...rest } = schema;
  const type: JsonObject = choices.every((choice) => typeof choice.value === 'string') ? { type: 'string' } : {};
  if (choices.every((choice) => choice.title === '') && before.every((each) => Object.keys(each).every((key) => key === 'const' || key === 'title'))) {
    return { ...rest, ...type, enum: choices.map((choice) => choice.value) };
  }
  return {
    ...rest,
    ...type,
    oneOf: choices.map(({ value, title }, index): JsonObject => {
      const old = before.find((each) => each.const === value) ?? (before.length === choices.length ? before[index] : undefined) ?? {};
      return withKeyword({ ...old, const: value }, 'title', title === '' ? undefined : title);
    }),
  };
}

export interface FormField {
  name: string;
  schema: JsonObject;
  required: boolean;
  kind: FieldKind;
}

/** The fields of an object's schema, in order. */
export function formFields(owner: JsonObject): FormField[] {
  return fieldsOf(owner).map((field) => ({ ...field, kind: kindOf(field.schema) }));
}

/** What a new form is. */
export const NEW_FORM: JsonObject = { $schema: DRAFT, type: 'object', additionalProperties: false };

/** Keys of a schema down to one inside it: ["properties", "address"], ["properties", "files", "items"]. */
export type Inside = readonly string[];

export function schemaAt(schema: JsonObject, at: Inside): JsonObject | undefined {
  let current: JsonObject | undefined = schema;
  for (const key of at) {
    const next: Json | undefined = current?.[key];
    current = isObject(next) ? next : undefined;
  }
  return current;
}

/** Changes one schema inside another; everything beside it stays the very same. */
export function changedAt(schema: JsonObject, at: Inside, change: (inner: JsonObject) => JsonObject): JsonObject {
  const [key, ...rest] = at;
  if (key === undefined) return change(schema);
  const inner = schema[key];
  if (!isObject(inner)) return schema;
  const next = changedAt(inner, rest, change);
  return next === inner ? schema : { ...schema, [key]: next };
}

export function pointerOf(at: Inside): string {
  return at.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The object whose fields a field holds: a group's own, a list's entries'; undefined when it holds none. */
export function holderIn(field: FormField): Inside | undefined {
  if (field.kind === 'object') return [];
  return field.kind === 'list' && isObject(field.schema.items) && kindOf(field.schema.items) === 'object' ? ['items'] : undefined;
}

function properties(owner: JsonObject): JsonObject {
  return isObject(owner.properties) ? owner.properties : {};
}

function names(owner: JsonObject): string[] {
  return fieldsOf(owner).map((field) => field.name);
}

/** An order is written down, as JSON objects promise none. */
function ordered(owner: JsonObject, order: readonly string[]): JsonObject {
  return withKeyword(owner, 'x-order', order.length === 0 ? undefined : [...order]);
}

export function withField(owner: JsonObject, name: string, schema: JsonObject, required: boolean, index?: number): JsonObject {
  const order = names(owner);
  order.splice(index ?? order.length, 0, name);
  const next = ordered({ ...owner, properties: { ...properties(owner), [name]: schema } }, order);
  return required ? withRequired(next, name, true) : next;
}

export function withoutField(owner: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = properties(owner);
  const next = withRequired({ ...owner, properties: rest }, name, false);
  return 'x-order' in owner ? ordered(next, names(owner).filter((each) => each !== name)) : next;
}

export function withRequired(owner: JsonObject, name: string, on: boolean): JsonObject {
  const before = Array.isArray(owner.required) ? owner.required : [];
  if (before.includes(name) === on) return owner;
  const next = on ? [...before, name] : before.filter((each) => each !== name);
  return withKeyword(owner, 'required', next.length === 0 ? undefined : next);
}

export function renamedField(owner: JsonObject, from: string, to: string): JsonObject {
  const required = Array.isArray(owner.required) ? owner.required : undefined;
  const order = names(owner).map((name) => (name === from ? to : name));
  return ordered(
    {
      ...owner,
      properties: Object.fromEntries(Object.entries(properties(owner)).map(([name, schema]) => [name === from ? to : name, schema])),
      ...(required !== undefined && { required: required.map((name) => (name === from ? to : name)) }),
    },
    order,
  );
}

export function movedField(owner: JsonObject, from: number, to: number): JsonObject {
  const order = names(owner);
  const [name] = order.splice(from, 1);
  if (name === undefined || to < 0 || to > order.length || from === to) return owner;
  order.splice(to, 0, name);
  return ordered(owner, order);
}

export function changedField(owner: JsonObject, name: string, change: (schema: JsonObject) => JsonObject): JsonObject {
  return changedAt(owner, ['properties', name], change);
}

const UNDERSTOOD = new Set(['$schema', 'type', 'title', 'description', 'properties', 'required', 'additionalProperties', 'x-order', '$defs', '$id', '$comment']);

/** Rules of a form beyond its fields, which a builder keeps and does not show. */
export function otherRules(owner: JsonObject): string[] {
  return Object.keys(owner).filter((key) => !UNDERSTOOD.has(key) && !key.startsWith('x-'));
}
