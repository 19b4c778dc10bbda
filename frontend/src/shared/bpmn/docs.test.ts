// The page about import and export names every element that BPMN 2.0 has.

import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

interface Package {
  types: { name: string; isAbstract?: boolean }[];
}

it('the page about interchange has a row for every element of BPMN 2.0', () => {
  const { types } = JSON.parse(readFileSync('node_modules/bpmn-moddle/resources/bpmn/json/bpmn.json', 'utf8')) as Package;
  const page = readFileSync('../docs/interchange.md', 'utf8');
  const table = page.slice(page.indexOf('## Elements'), page.indexOf('## What Taskurotta writes'));
  const named = new Set([...table.matchAll(/`(\w+)`/g)].map((match) => match[1]));
  const missing = types
    .filter((type) => type.isAbstract !== true)
    .map(({ name }) => name.charAt(0).toLowerCase() + name.slice(1))
    .filter((name) => !named.has(name));
  expect(missing).toEqual([]);
});
