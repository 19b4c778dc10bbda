import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { BY_NAME } from './icons';

/** The Go sources of the built-in nodes. */
const NODES = path.resolve(import.meta.dirname, '../../../../workers/node');

describe('icons', () => {
  it('has each one that a built-in node names', () => {
    const named = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
      .flatMap((name) => [...readFileSync(path.join(NODES, name), 'utf8').matchAll(/sdk\.Icon\("([^"]+)"\)/g)].map((match) => match[1] ?? ''));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in BY_NAME))).toEqual([]);
  });
});
