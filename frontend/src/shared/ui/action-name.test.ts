import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import en from '../i18n/en/audit.json';

const server = path.resolve(import.meta.dirname, '../../../../server/httpapi');

/** The actions that the API writes into the audit. */
function audited(): string[] {
  const sources = readdirSync(server).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'));
  return sources.flatMap((name) => [...readFileSync(path.join(server, name), 'utf8').matchAll(/\baudit: +"([a-z_.]+[a-z])"/g)].map((match) => match[1] ?? ''));
}

describe('an audited action', () => {
  it('has a name', () => {
    const actions = audited();
    expect(actions.length).toBeGreaterThan(40);
    expect(actions.filter((action) => !(action.replaceAll('.', '_') in en.action))).toEqual([]);
  });
});
