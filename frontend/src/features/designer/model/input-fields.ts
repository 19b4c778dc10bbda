// The input of a process as the start node's panel shows it, a list of fields, and as the document keeps it, a JSON Schema
// 2020-12 object. Keywords that the panel does not know are kept.

import { transliterate } from '@/shared/graph/ids';
import { descriptionOf, fieldsOf, isObject, typeOf } from '@/shared/graph/json-schema';
import type { Json, JsonObject, StartEvent } from '@/shared/graph/types';

export const FIELD_KINDS = ['text', 'long_text', 'number', 'integer', 'decimal', 'boolean', 'date', 'datetime', 'email', 'choice', 'file', 'files', 'list', 'object'] as const;
export type FieldKind = (typeof FIELD_KINDS)[number];

export interface InputField {
  name: string;
  title: string;
  kind: FieldKind;
  required: boolean;
  description: string;
  choices: string[];
  /** What else its schema says. */
  rest: JsonObject;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

function shapeOf(kind: FieldKind, choices: readonly string[]): JsonObject {
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
      return { type: 'string', enum: [...choices] };
    case 'file':
      return { type: 'object', format: 'file' };
    case 'files':
      return { type: 'array', items: { type: 'object', format: 'file' } };
    case 'list':
      return { type: 'array', items: { type: 'string' } };
    case 'object':
      return { type: 'object' };
  }
}

function kindOf(schema: JsonObject): FieldKind {
  if (Array.isArray(schema.enum)) return 'choice';
  switch (typeOf(schema)) {
    case 'file':
      return 'file';
    case 'integer':
      return 'integer';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return isObject(schema.items) && schema.items.format === 'file' ? 'files' : 'list';
    case 'object':
      return 'object';
    default:
      break;
  }
  switch (schema.format) {
    case 'date':
      return 'date';
    case 'date-time':
      return 'datetime';
    case 'email':
      return 'email';
    case 'decimal':
      return 'decimal';
    case 'multiline':
      return 'long_text';
    default:
      return 'text';
  }
}

const OWN_KEYWORDS = new Set(['type', 'format', 'enum', 'items', 'title', 'description']);

export function readFields(schema: JsonObject | undefined): InputField[] {
  return fieldsOf(schema ?? {}).map((field): InputField => {
    const kind = kindOf(field.schema);
    const keep = kind === 'list' || kind === 'object' ? new Set([...OWN_KEYWORDS].filter((each) => each !== 'items')) : OWN_KEYWORDS;
    return {
      name: field.name,
      title: typeof field.schema.title === 'string' ? field.schema.title : '',
      kind,
      required: field.required,
      description: descriptionOf({ description: field.schema.description ?? '' }, 'en') ?? '',
      choices: Array.isArray(field.schema.enum) ? field.schema.enum.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))) : [],
      rest: Object.fromEntries(Object.entries(field.schema).filter(([key]) => !keep.has(key))),
    };
  });
}

function schemaOf(field: InputField): JsonObject {
  const schema: JsonObject = { ...shapeOf(field.kind, field.choices), ...field.rest };
  if (field.title !== '') schema.title = field.title;
  if (field.description !== '') schema.description = field.description;
  return schema;
}

/** Writes fields into a schema; order is kept by "x-order", as JSON objects promise none. */
export function writeFields(schema: JsonObject | undefined, fields: readonly InputField[]): JsonObject {
  const names = fields.map((field) => field.name);
  const { properties: _p, required: _r, 'x-order': _x, ...rest } = schema ?? { $schema: DRAFT, type: 'object', additionalProperties: false };
  const required: Json[] = fields.filter((field) => field.required).map((field) => field.name);
  return {
    ...rest,
    properties: Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)])),
    ...(required.length > 0 && { required }),
    ...(names.length > 0 && { 'x-order': names }),
  };
}

/** Writes the input fields of a start event; search keys that are gone are dropped. */
export function writeInput(start: StartEvent, fields: readonly InputField[]): StartEvent {
  const { search_keys: before, ...rest } = start;
  const keys = before?.filter((key) => fields.some((field) => field.name === key)) ?? [];
  const next: StartEvent = { ...rest, input_schema: writeFields(start.input_schema, fields) };
  return keys.length > 0 ? { ...next, search_keys: keys } : next;
}

export function nameFromTitle(title: string, taken: ReadonlySet<string>): string {
  const base = transliterate(title).split(/[^a-z0-9]+/).filter((word) => word !== '').join('_').replace(/^(\d)/, 'f_$1').slice(0, 40) || 'field';
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}_${n}`;
  return name;
}

export function isFieldName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name);
}

export function newField(title: string, fields: readonly InputField[], kind: FieldKind = 'text'): InputField {
  const name = nameFromTitle(title, new Set(fields.map((field) => field.name)));
  return { name, title, kind, required: true, description: '', choices: [], rest: {} };
}

/** May a field be found by in the search of processes: up to five, of simple types. */
export function maySearch(kind: FieldKind): boolean {
  return kind === 'text' || kind === 'choice' || kind === 'integer' || kind === 'email' || kind === 'date' || kind === 'decimal';
}
