import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import en from './en';
import ru from './ru';

type Node = string | { [key: string]: Node };

const pluralSuffix = /_(zero|one|two|few|many|other)$/;
const required = { en: ['one', 'other'], ru: ['one', 'few', 'many', 'other'] } as const;

function flatten(node: Record<string, unknown>, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(node as Record<string, Node>)) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [below, text] of flatten(value, `${prefix}${key}.`)) found.set(below, text);
  }
  return found;
}

/** A key is counted when its text names {{count}}; without that a trailing _one or _many is just part of a name. */
function stems(texts: Map<string, string>): Set<string> {
  return new Set([...texts.keys()].map((key) => (isCounted(texts, key) ? key.replace(pluralSuffix, '') : key)));
}

function isCounted(texts: Map<string, string>, key: string): boolean {
  return pluralSuffix.test(key) && texts.has(key.replace(pluralSuffix, '_other'));
}

const namespaces = [...new Set([...Object.keys(en), ...Object.keys(ru)])].sort();

describe.each(namespaces)('texts of %s', (namespace) => {
  const english = flatten(en[namespace] ?? {});
  const russian = flatten(ru[namespace] ?? {});

  it('are there in both languages', () => {
    expect([...stems(russian)].sort()).toEqual([...stems(english)].sort());
  });

  it('have every plural form', () => {
    for (const [language, texts] of [['en', english], ['ru', russian]] as const) {
      for (const key of texts.keys()) {
        if (!isCounted(texts, key)) continue;
        const stem = key.replace(pluralSuffix, '');
        for (const form of required[language]) expect(texts.has(`${stem}_${form}`), `${language} ${namespace}:${stem}_${form}`).toBe(true);
      }
    }
  });

  it('take the same parameters', () => {
    const names = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort().join();
    for (const [key, text] of english) {
      const other = russian.get(key);
      if (other !== undefined) expect(names(other), `${namespace}:${key}`).toBe(names(text));
    }
  });

  it('are not empty', () => {
    for (const texts of [english, russian]) for (const [key, text] of texts) expect(text.trim(), `${namespace}:${key}`).not.toBe('');
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) return sources(full);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) ? [full] : [];
  });
}

describe('keys that the code names', () => {
  const catalogs = new Map(Object.entries(en).map(([namespace, texts]) => [namespace, flatten(texts)]));
  const root = path.resolve(import.meta.dirname, '../..');

  function has(namespace: string, key: string): boolean {
    const texts = catalogs.get(namespace);
    return texts !== undefined && (texts.has(key) || texts.has(`${key}_other`));
  }

  it('are all in the catalog', () => {
    const missing: string[] = [];
    let checked = 0;
    for (const file of sources(root)) {
      const code = readFileSync(file, 'utf8');
      const used = [...code.matchAll(/useTranslation\('(\w+)'\)/g)].map((match) => match[1] ?? '');
      for (const match of code.matchAll(/\bt\('([\w.:]+)'/g)) {
        const [first = '', second] = (match[1] ?? '').split(':');
        const candidates = second === undefined ? (used.length > 0 ? used : [...catalogs.keys()]) : [first];
        checked++;
        if (!candidates.some((namespace) => has(namespace, second ?? first))) missing.push(`${path.relative(root, file)}: ${match[1] ?? ''}`);
      }
    }
    expect(missing).toEqual([]);
    expect(checked).toBeGreaterThan(200);
  });
});
