import type { Json, JsonObject } from '@/shared/api/types';
import { asSchema, choicesOf, textOf, type Schema } from '@/shared/schema-form/schema';

export interface ShownRow {
  name: string;
  title: string;
  value: Json;
}

const identifier = /^[a-z][a-z0-9_]*$/;
const date = /^\d{4}-\d{2}-\d{2}$/;

/** What a person is shown, as people say it: titles and choices in their language where the schema knows them, dates and numbers. */
export function shownRows(input: JsonObject, schema: Schema, language: string): ShownRow[] {
  const known = asSchema(schema.properties);
  return Object.entries(input).map(([name, value]) => {
    const property = asSchema(known[name]);
    return { name, title: titleOf(name, property, language), value: said(value, property, language) };
  });
}

/** Whoever names a value in words means them for people; a mere identifier gives way to the title of the field that it names. */
function titleOf(name: string, schema: Schema, language: string): string {
  const own = name.replaceAll('_', ' ');
  return identifier.test(name) ? (textOf(schema, 'title', language) ?? own) : own;
}

function said(value: Json, schema: Schema, language: string): Json {
  const choice = choicesOf(schema)?.find((each) => each.value === value);
  if (choice !== undefined) return textOf(choice.schema, 'title', language) ?? value;
  if (typeof value === 'number') return value.toLocaleString(language, { maximumFractionDigits: 20, useGrouping: Math.abs(value) >= 10_000 });
  if (typeof value === 'string' && schema.format === 'date' && date.test(value)) {
    return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${value}T00:00:00Z`));
  }
  return value;
}
