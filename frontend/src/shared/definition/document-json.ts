// A document as JSON for people and for version control: names in order, two blanks a level, as `taskurotta definition export`
// prints it, so that the same document is the same file wherever it comes from.

import type { GraphDocument } from '@/shared/graph/types';

export function documentJson(doc: GraphDocument): string {
  // The command line escapes these two, which JSON need not.
  return `${written(doc, '')}\n`.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

/** Not JSON.stringify: it would put names that are numbers first. */
function written(value: unknown, indent: string): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return listed(value.map((each) => deeper + written(each, deeper)), '[', ']', indent);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined).sort(([a], [b]) => byCodePoints(a, b));
  return listed(members.map(([name, each]) => `${deeper}${JSON.stringify(name)}: ${written(each, deeper)}`), '{', '}', indent);
}

function listed(lines: readonly string[], open: string, close: string, indent: string): string {
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

/** The order of the bytes of UTF-8, which is not that of UTF-16 beyond its first plane. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (const [index, char] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The whole numbers of a JSON text that a browser would change: beyond 2^53 it keeps no last digits. */
export function longNumbers(json: string): string[] {
  const found: string[] = [];
  for (const [, number] of json.matchAll(/"(?:[^"\\]|\\.)*"|(-?\d{16,}(?:\.\d+)?(?:[eE][+-]?\d+)?)/g)) {
    if (number !== undefined && String(Number(number)) !== number) found.push(number);
  }
  return found;
}
