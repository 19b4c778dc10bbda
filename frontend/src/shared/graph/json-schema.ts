// Reading JSON Schemas (2020-12) as descriptions of fields: types, titles in two languages, order, references.

import type { Locale } from './node-type';
import type { Json, JsonObject } from './types';

export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'file' | 'any';

export interface SchemaField {
  name: string;
  schema: JsonObject;
  required: boolean;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Follows "#/$defs/…" references and the single branch of allOf, at most a few steps deep. */
export function resolve(schema: Json | undefined, root: JsonObject): JsonObject {
  let current = isObject(schema) ? schema : {};
  for (let depth = 0; depth < 8; depth++) {
    const ref = text(current.$ref);
    if (ref !== undefined) {
      const target = pointer(root, ref);
      if (target === undefined) return current;
      const { $ref: _, ...own } = current;
      current = { ...target, ...own };
      continue;
    }
    const branch = nonNullBranch(current);
    if (branch === undefined) return current;
    const { anyOf: _a, oneOf: _o, allOf: _l, ...own } = current;
    current = { ...branch, ...own };
  }
  return current;
}

function nonNullBranch(schema: JsonObject): JsonObject | undefined {
  for (const name of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[name];
    if (!Array.isArray(branches)) continue;
    const real = branches.filter(isObject).filter((branch) => branch.type !== 'null');
    if (real.length === 1) return real[0];
  }
  return undefined;
}

function pointer(root: JsonObject, ref: string): JsonObject | undefined {
  if (!ref.startsWith('#')) return undefined;
  let value: Json | undefined = root;
  for (const part of ref.slice(1).split('/').filter((each) => each !== '')) {
    if (!isObject(value)) return undefined;
    value = value[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return isObject(value) ? value : undefined;
}

export function typeOf(schema: JsonObject): FieldType {
  if (schema.format === 'file') return 'file';
  const declared = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  switch (declared) {
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'array':
    case 'object':
      return declared;
    default:
      if (isObject(schema.properties)) return 'object';
      if (Array.isArray(schema.enum) && schema.enum.every((each) => typeof each === 'string')) return 'string';
      return 'any';
  }
}

function inOrder(schema: JsonObject, order: readonly Json[]): SchemaField[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const names = Object.keys(properties);
  const first = order.filter((name) => typeof name === 'string').filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => !first.includes(name))].map((name) => {
    const property = properties[name];
    return { name, schema: isObject(property) ? property : {}, required: required.has(name) };
  });
}

function given(schema: JsonObject): Json[] | undefined {
  return Array.isArray(schema['x-order']) ? schema['x-order'] : undefined;
}

/** The fields of an object schema in the order that its author gave ("x-order"), else as they are written. */
export function fieldsOf(schema: JsonObject): SchemaField[] {
  return inOrder(schema, given(schema) ?? []);
}

/**
 * The same of a node type's schema: it went through a database that keeps the order of lists but not of properties, so
 * required fields come first, in the order they are required in.
 */
export function catalogFieldsOf(schema: JsonObject): SchemaField[] {
  return inOrder(schema, given(schema) ?? (Array.isArray(schema.required) ? schema.required : []));
}

function localizedKeyword(schema: JsonObject, keyword: 'title' | 'description', locale: Locale): string | undefined {
  const own = schema[`x-${keyword}-${locale}`] ?? schema[`x-${keyword}_${locale}`];
  if (text(own) !== undefined) return text(own);
  const both = schema[`x-${keyword}`];
  if (isObject(both) && text(both[locale]) !== undefined) return text(both[locale]);
  const translations = schema[`x-${locale}`];
  if (isObject(translations) && text(translations[keyword]) !== undefined) return text(translations[keyword]);
  return text(schema[keyword]);
}

/** "signed_at" becomes "Signed at" where a schema gives no title. */
export function humanName(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ').trim().toLowerCase();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function titleOf(schema: JsonObject, name: string, locale: Locale): string {
  return localizedKeyword(schema, 'title', locale) ?? humanName(name);
}

export function descriptionOf(schema: JsonObject, locale: Locale): string | undefined {
  return localizedKeyword(schema, 'description', locale);
}

export function choicesOf(schema: JsonObject): Json[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum;
  return schema.const === undefined ? undefined : [schema.const];
}
