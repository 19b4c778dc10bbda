import { describe, expect, it } from 'vitest';

import { line } from '../graph/testing';
import { documentJson, longNumbers } from './document-json';

describe('a document as JSON', () => {
  it('has its names in order and two blanks a level, as the command line writes it', () => {
    const doc = { ...line(), nodes: [], edges: [], layout: {}, extensions: { b: [], a: { '10': 1, '9': [true, null] }, '\ue000': 'x', '\u{10000}': '\u2028' } };
    expect(documentJson(doc)).toBe(
      `{
  "edges": [],
  "extensions": {
    "a": {
      "10": 1,
      "9": [
        true,
        null
      ]
    },
    "b": [],
    "\ue000": "x",
    "\u{10000}": "\\u2028"
  },
  "layout": {},
  "nodes": [],
  "schema": 1
}
`,
    );
  });

  it('is read as the same document', () => {
    expect(JSON.parse(documentJson(line()))).toEqual(line());
  });

  it('knows the numbers whose digits a browser would lose, and only those', () => {
    expect(longNumbers('{"a":9007199254740993,"b":"9007199254740993","c":9007199254740992,"d":"\\"12345678901234567890","e":[12345678901234567890]}')).toEqual([
      '9007199254740993', '12345678901234567890',
    ]);
  });
});
