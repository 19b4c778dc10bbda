// What the palette, the cards and the forms need to know of a node type; the catalog of the server fills it.

import type { JsonObject } from './types';

export interface Text {
  en: string;
  ru: string;
}

export interface NodeTypeError {
  code: string;
  title: Text;
}

export interface NodeType {
  /** name@major, what a service task's `type` holds. */
  type: string;
  title: Text;
  doc: Text;
  category: Text;
  /** A Tabler icon name, "shield-check". */
  icon: string;
  input_schema: JsonObject;
  output_schema: JsonObject;
  errors: readonly NodeTypeError[];
  side_effects: boolean;
  pool: string;
  /** A worker serves it now. */
  live: boolean;
}

export type NodeTypeMap = Readonly<Record<string, NodeType>>;

export type Locale = 'en' | 'ru';

export function localized(text: Text | undefined, locale: Locale): string {
  if (text === undefined) return '';
  const own = text[locale];
  return own === '' ? text.en || text.ru : own;
}
