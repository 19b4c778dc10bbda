// Reading a JSON Schema 2020-12 the way a form needs it.
import type { Json, JsonObject } from '@/shared/api/types';

export type Schema = JsonObject;

export type FieldKind =
  | 'text' | 'long_text' | 'decimal' | 'number' | 'integer' | 'boolean' | 'enum' | 'enums' | 'date' | 'date_time' | 'file' | 'files'
  | 'object' | 'array' | 'const' | 'json';

export function asSchema(value: Json | undefined): Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

/** Follows $ref inside the document; a loop or a dangling reference becomes "anything". */
export function resolve(schema: Schema, root: Schema, depth = 0): Schema {
  const ref = schema.$ref;
  if (typeof ref !== 'string' || depth > 16) return schema;
  const target = pointer(root, ref.replace(/^#/, ''));
  if (target === undefined) return {};
  const { $ref: _, ...own } = schema;
  return { ...resolve(asSchema(target), root, depth + 1), ...own };
}

/** The value at a JSON pointer (RFC 6901). */
export function pointer(value: Json, path: string): Json | undefined {
  let current: Json | undefined = value;
  for (const raw of path.split('/').slice(1)) {
    const step = decodeURIComponent(raw).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(current)) current = current[Number(step)];
    else if (current !== null && typeof current === 'object') current = current[step];
    else return undefined;
  }
  return current;
}

export function join(path: string, step: string | number): string {
  return `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The type besides null: ["string","null"] is a string that may be absent. */
function typeOf(schema: Schema): string | undefined {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    const others = type.filter((name): name is string => typeof name === 'string' && name !== 'null');
    return others.length === 1 ? others[0] : undefined;
  }
  if ('properties' in schema) return 'object';
  return undefined;
}

const longText = 200;

export function kindOf(schema: Schema, root: Schema): FieldKind {
  if ('const' in schema) return 'const';
  if (choicesOf(schema) !== undefined) return 'enum';
  if ('oneOf' in schema || 'anyOf' in schema) return 'json';
  switch (typeOf(schema)) {
    case 'string':
      return stringKind(schema);
    case 'number':
      return schema.format === 'decimal' ? 'decimal' : 'number';
    case 'integer':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'object':
      if (schema.format === 'file') return 'file';
      return Object.keys(asSchema(schema.properties)).length > 0 ? 'object' : 'json';
    case 'array': {
      const items = resolve(asSchema(schema.items), root);
      if (Object.keys(items).length === 0) return 'json';
      if (schema.uniqueItems === true && choicesOf(items) !== undefined) return 'enums';
      return kindOf(items, root) === 'file' ? 'files' : 'array';
    }
    default:
      return 'json';
  }
}

function stringKind(schema: Schema): FieldKind {
  if (schema.format === 'date') return 'date';
  if (schema.format === 'date-time') return 'date_time';
  if (schema.format === 'decimal') return 'decimal';
  const multiline = schema.format === 'multiline' || schema.contentMediaType === 'text/markdown';
  return multiline || (typeof schema.maxLength === 'number' && schema.maxLength > longText) ? 'long_text' : 'text';
}

export interface Choice {
  value: Json;
  schema: Schema;
}

/** What can be chosen: the values of an enum, or constants that each have a title of their own. */
export function choicesOf(schema: Schema): Choice[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => ({ value, schema: {} }));
  if (!Array.isArray(schema.oneOf) || schema.oneOf.length === 0) return undefined;
  const constants = schema.oneOf.map(asSchema);
  return constants.every((each) => each.const !== undefined) ? constants.map((each) => ({ value: each.const ?? null, schema: each })) : undefined;
}

/** The properties of an object in the order that its author gave, else as they are written. */
export function propertiesOf(schema: Schema): [name: string, property: Schema][] {
  const properties = asSchema(schema.properties);
  const given = Array.isArray(schema['x-order']) ? schema['x-order'].filter((name) => typeof name === 'string').filter((name) => name in properties) : [];
  const names = [...new Set([...given, ...Object.keys(properties)])];
  return names.map((name) => [name, asSchema(properties[name])]);
}

/** What a form begins with: defaults and constants, objects that must be there. */
export function initialValue(schema: Schema, root: Schema): Json | undefined {
  const resolved = resolve(schema, root);
  if (resolved.default !== undefined) return resolved.default;
  if (resolved.const !== undefined) return resolved.const;
  if (kindOf(resolved, root) !== 'object') return undefined;
  const required = requiredOf(resolved);
  const value: JsonObject = {};
  for (const [name, property] of Object.entries(asSchema(resolved.properties))) {
    const child = resolve(asSchema(property), root);
    if (kindOf(child, root) === 'object' && !required.has(name)) continue;
    const initial = initialValue(child, root);
    if (initial !== undefined) value[name] = initial;
    // A switch that must be answered says no until it is switched on.
    else if (required.has(name) && kindOf(child, root) === 'boolean') value[name] = false;
  }
  return value;
}

export function requiredOf(schema: Schema): ReadonlySet<string> {
  return new Set(Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : []);
}

/** "application_form" and "applicationForm" read as "Application form" where no title is given. */
export function humanise(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/([a-zа-я])([A-ZА-Я])/g, '$1 $2').toLowerCase().trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Node types bring their texts in both languages: `title` in English and `x-title-ru` beside it. */
export function textOf(schema: Schema, keyword: 'title' | 'description', language: string): string | undefined {
  const translated = schema[`x-${keyword}-${language}`];
  const text = typeof translated === 'string' && translated !== '' ? translated : schema[keyword];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

export function titleOf(schema: Schema, name: string, language: string): string {
  return textOf(schema, 'title', language) ?? humanise(name);
}

export function descriptionOf(schema: Schema, language: string): string | undefined {
  return textOf(schema, 'description', language);
}

/** undefined takes the property away: an empty field is an absent one. */
export function withProperty(value: JsonObject, name: string, next: Json | undefined): JsonObject {
  if (next === undefined) {
    const { [name]: _, ...rest } = value;
    return rest;
  }
  return { ...value, [name]: next };
}
