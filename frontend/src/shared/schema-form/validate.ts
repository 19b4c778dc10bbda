// Checks a form before it is sent. The validator interprets the schema: the page's policy lets no code be made at run time.
// The server's verdict is the one that counts.
import { Validator } from '@cfworker/json-schema';

import type { Json } from '@/shared/api/types';

import { join, pointer, type Schema } from './schema';

export interface FieldIssue {
  /** JSON pointer into the value. */
  path: string;
  /** The keyword that is broken, or the server's code. */
  code: string;
  /** The keyword's limit, for the message. */
  limit?: string | number;
  /** The server's own words, when no text of ours fits. */
  message?: string;
}

/** Keywords that only say that something below them is wrong. */
const containers: ReadonlySet<string> = new Set([
  'properties', 'items', 'prefixItems', '$ref', 'allOf', 'additionalItems', 'patternProperties', 'dependentSchemas', 'then', 'else', 'if',
]);

export function validate(schema: Schema, value: Json): FieldIssue[] {
  const result = new Validator(schema, '2020-12', false).validate(value);
  const issues: FieldIssue[] = [];
  for (const unit of result.errors) {
    if (containers.has(unit.keyword)) continue;
    const path = unit.instanceLocation.replace(/^#/, '');
    const quoted = /"([^"]*)"/.exec(unit.error)?.[1];
    if (unit.keyword === 'required' && quoted !== undefined) {
      issues.push({ path: join(path, quoted), code: 'required' });
    } else if (unit.keyword !== 'false') {
      const limit = pointer(schema, unit.keywordLocation.replace(/^#/, ''));
      const scalar = typeof limit === 'string' || typeof limit === 'number' ? limit : undefined;
      issues.push({ path, code: unit.keyword, ...(scalar === undefined ? {} : { limit: scalar }) });
    }
  }
  return issues.filter((issue, index) => issues.findIndex((other) => other.path === issue.path) === index);
}

/** Issues of the server point into the request's body; a form shows those below its own part of it. */
export function issuesBelow(
  issues: readonly { path?: string; code: string; message: string }[],
  prefix: string,
): FieldIssue[] {
  return issues
    .filter((issue) => issue.path === prefix || (issue.path ?? '').startsWith(`${prefix}/`))
    .map((issue) => ({ path: (issue.path ?? '').slice(prefix.length), code: issue.code, message: issue.message }));
}
