// A form as the panel shows it, a list of fields, and as the document keeps it, a JSON Schema. A field is changed in its own schema: what
// the panel does not know stays as it was written.

import { transliterate } from '@/shared/graph/ids';
import type { JsonObject, StartEvent } from '@/shared/graph/types';

import { choiceOwner, choicesOf, converted, formFields, kindOf, NEW_FORM, shapeOf, textOf, withChoices, withKeyword, type FieldKind } from './form-schema';

export { FIELD_KINDS, type FieldKind } from './form-schema';

export interface InputField {
  name: string;
  title: string;
  kind: FieldKind;
  required: boolean;
  description: string;
  choices: string[];
  /** As it was written. */
  schema: JsonObject;
}

function choiceTexts(schema: JsonObject): string[] {
  return (choicesOf(choiceOwner(schema)) ?? []).map(({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)));
}

export function readFields(schema: JsonObject | undefined): InputField[] {
  return formFields(schema ?? {}).map(({ name, schema: own, required, kind }) => ({
    name, kind, required, schema: own, title: textOf(own, 'title'), description: textOf(own, 'description'), choices: choiceTexts(own),
  }));
}

function schemaOf(field: InputField): JsonObject {
  let schema = kindOf(field.schema) === field.kind ? field.schema : converted(field.schema, field.kind);
  if ((field.kind === 'choice' || field.kind === 'choices') && choiceTexts(schema).join('\n') !== field.choices.join('\n')) {
    const before = choicesOf(choiceOwner(schema)) ?? [];
    schema = withChoices(schema, field.choices.map((text) => before.find(({ value }) => value === text || JSON.stringify(value) === text) ?? { value: text, title: '' }));
  }
  if (textOf(schema, 'title') !== field.title) schema = withKeyword(schema, 'title', field.title === '' ? undefined : field.title);
  if (textOf(schema, 'description') !== field.description) schema = withKeyword(schema, 'description', field.description === '' ? undefined : field.description);
  return schema;
}

/** Writes fields into a schema; order is kept by "x-order", as JSON objects promise none. */
export function writeFields(schema: JsonObject | undefined, fields: readonly InputField[]): JsonObject {
  const order = fields.map((field) => field.name);
  const required = fields.filter((field) => field.required).map((field) => field.name);
  const { required: _r, 'x-order': _x, ...rest } = schema ?? NEW_FORM;
  return {
    ...rest,
    properties: Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)])),
    ...(required.length > 0 && { required }),
    ...(order.length > 0 && { 'x-order': order }),
  };
}

/** Writes the input fields of a start event; search keys that are gone are dropped. */
export function writeInput(start: StartEvent, fields: readonly InputField[]): StartEvent {
  return withInputSchema(start, writeFields(start.input_schema, fields));
}

export function withInputSchema(start: StartEvent, schema: JsonObject): StartEvent {
  const { search_keys: before, ...rest } = start;
  const names = new Set(formFields(schema).map((field) => field.name));
  const keys = before?.filter((key) => names.has(key)) ?? [];
  const next: StartEvent = { ...rest, input_schema: schema };
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

export function newField(title: string, fields: readonly { name: string }[], kind: FieldKind = 'text'): InputField {
  const name = nameFromTitle(title, new Set(fields.map((field) => field.name)));
  return { name, title, kind, required: true, description: '', choices: [], schema: shapeOf(kind) };
}

/** May a field be found by in the search of processes: up to five, of simple types. */
export function maySearch(kind: FieldKind): boolean {
  return kind === 'text' || kind === 'choice' || kind === 'integer' || kind === 'email' || kind === 'date' || kind === 'decimal';
}
