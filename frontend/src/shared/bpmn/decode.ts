// From the bytes of a file to XML that may be parsed: by its mark or its declaration, within bounds, and without a document type,
// whose entities could make megabytes of a line.

import { UnreadableFile } from './failure';

export const MAX_BYTES = 8 << 20;
export const MAX_ELEMENTS = 200_000;
export const MAX_DEPTH = 200;

const DECLARATION = /^<\?xml\s[^>]{0,200}\?>/;

export function decodeXml(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new UnreadableFile('empty');
  if (bytes.length > MAX_BYTES) throw new UnreadableFile('too_large', { limit: MAX_BYTES >> 20 });
  const xml = decoded(bytes).replace(DECLARATION, '');
  checkShape(xml);
  return xml;
}

function decoded(bytes: Uint8Array): string {
  const encoding = markedEncoding(bytes) ?? declaredEncoding(bytes);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new UnreadableFile('encoding_unknown', { encoding: encoding.slice(0, 40) });
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new UnreadableFile('encoding_wrong', { encoding });
  }
}

/** A byte order mark, or the first character "<" in two bytes (XML 1.0, appendix F). */
function markedEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return 'utf-16be';
  return undefined;
}

function declaredEncoding(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 256));
  const declared = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1] ?? 'utf-8';
  // What was written in one byte a character is not what such a declaration says.
  return /^utf-?16/i.test(declared) ? 'utf-8' : declared;
}

/** One pass over the tags, before a parser builds anything of them. */
function checkShape(xml: string): void {
  if (xml.includes('\0')) throw new UnreadableFile('not_text');
  if (!/^\s*</.test(xml)) throw new UnreadableFile('not_xml');
  let elements = 0;
  let depth = 0;
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    if (xml.startsWith('<!--', at)) at = skip(xml, at + 4, '-->');
    else if (xml.startsWith('<![CDATA[', at)) at = skip(xml, at + 9, ']]>');
    else if (xml.startsWith('<!', at)) throw new UnreadableFile('doctype');
    else if (xml.startsWith('<?', at)) at = skip(xml, at + 2, '?>');
    else {
      const end = tagEnd(xml, at);
      if (end < 0) return;
      if (xml[at + 1] === '/') depth--;
      else {
        elements++;
        if (xml[end - 1] !== '/') depth++;
      }
      if (elements > MAX_ELEMENTS) throw new UnreadableFile('too_many', { limit: MAX_ELEMENTS });
      if (depth > MAX_DEPTH) throw new UnreadableFile('too_deep', { limit: MAX_DEPTH });
      at = end;
    }
  }
}

/** Where a tag ends: attributes may hold ">". */
function tagEnd(xml: string, from: number): number {
  let quote = '';
  for (let at = from; at < xml.length; at++) {
    const char = xml.charAt(at);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return at;
  }
  return -1;
}

function skip(xml: string, from: number, end: string): number {
  const at = xml.indexOf(end, from);
  return at < 0 ? xml.length : at + end.length;
}

/** What a parser drops without a word. */
export function commentsIn(xml: string): number {
  let count = 0;
  for (let at = xml.indexOf('<!--'); at >= 0; at = xml.indexOf('<!--', skip(xml, at + 4, '-->'))) count++;
  return count;
}

export function instructionsIn(xml: string): number {
  let count = 0;
  for (let at = xml.indexOf('<?'); at >= 0; at = xml.indexOf('<?', skip(xml, at + 2, '?>'))) count++;
  return count;
}
