// Texts and conditions of other tools in our notation: what begins with "=" is an expression.

import { stable } from '../compare/compare';

/** "${amount > 5}" and "#{amount > 5}" are expressions of other tools; anything else is a text. */
export function readText(body: string | undefined): string {
  const text = body?.trim() ?? '';
  const wrapped = /^[$#]\{([^{}]*)\}$/.exec(text)?.[1];
  return wrapped === undefined ? text : `=${wrapped.trim()}`;
}

/** A condition is an expression, whatever it is written like. */
export function readCondition(body: string | undefined): string | undefined {
  const text = readText(body);
  return text === '' ? undefined : text.startsWith('=') ? text : `=${text}`;
}

// XML 1.0 has no place for these characters, escaped or not.
// eslint-disable-next-line no-control-regex -- these are the characters that are taken out
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text as XML can carry it. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, '');
}

/** JSON that XML can carry, with its names in order: what may not stand there is escaped by JSON's own means. */
export function xmlJson(value: unknown): string {
  return stable(value).replace(FORBIDDEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
