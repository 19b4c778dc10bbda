// How values of a configuration are written: literals, text templates and expressions, and the names that they read.
// The server's own engine evaluates; this file only knows the surface, so that a renamed node keeps its readers.

import type { Json, Value } from './types';

export type ValueMode = 'literal' | 'template' | 'expression';

export function valueMode(value: Value | undefined): ValueMode {
  if (typeof value !== 'string') return 'literal';
  if (value.startsWith('==')) return 'literal';
  if (value.startsWith('=')) return 'expression';
  return value.includes('{{') ? 'template' : 'literal';
}

/** The source of an expression value without its "=". */
export function expressionSource(value: string): string {
  return value.startsWith('=') ? value.slice(1) : value;
}

/** The text that a literal string value stands for: "==x" is "=x". */
export function literalText(value: string): string {
  return value.startsWith('==') ? value.slice(1) : value;
}

/** The value that stands for a literal text. */
export function textLiteral(text: string): string {
  return text.startsWith('=') ? `=${text}` : text;
}

/**
 * The value once a name is put into it: a text reads the name between {{ and }}, at a place in the text or at its end; anything else
 * becomes what the name stands for.
 */
export function withName(value: Value | undefined, name: string, at?: number): Value {
  const mode = valueMode(value);
  if (typeof value !== 'string' || mode === 'expression') return `=${name}`;
  const text = literalText(value);
  const place = at ?? text.length;
  return textLiteral(`${text.slice(0, place)}{{${name}}}${text.slice(place)}`);
}

export type TokenKind = 'name' | 'number' | 'string' | 'comment' | 'space' | 'mark';

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
}

const TOKEN =
  /(?<space>\s+)|(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|`[^`]*(?:`|$))|(?<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_$][\p{L}\p{N}_$]*)|(?<mark>\?\.|\?\?|[=!<>]=|&&|\|\||\*\*|\.\.|[\s\S])/guy;

/** Splits an expression into tokens that, joined, are the source again. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (const match of source.matchAll(TOKEN)) {
    const groups = match.groups ?? {};
    const kind = (Object.keys(groups) as TokenKind[]).find((name) => groups[name] !== undefined) ?? 'mark';
    tokens.push({ kind, text: match[0], from: match.index });
  }
  return tokens;
}

interface TaskName {
  /** Index of the token that holds the name. */
  token: number;
  name: string;
}

/** Where an expression names a task's output: tasks.NAME, tasks?.NAME, tasks["NAME"]. */
function taskNames(tokens: readonly Token[]): TaskName[] {
  const solid = tokens.map((token, index) => ({ token, index })).filter(({ token }) => token.kind !== 'space' && token.kind !== 'comment');
  const found: TaskName[] = [];
  solid.forEach(({ token }, at) => {
    if (token.kind !== 'name' || token.text !== 'tasks') return;
    const before = solid[at - 1]?.token.text;
    if (before === '.' || before === '?.') return;
    const mark = solid[at + 1]?.token.text;
    const next = solid[at + 2];
    if (next === undefined) return;
    if ((mark === '.' || mark === '?.') && next.token.kind === 'name') found.push({ token: next.index, name: next.token.text });
    if (mark === '[' && next.token.kind === 'string') found.push({ token: next.index, name: next.token.text.slice(1, -1) });
  });
  return found;
}

function rewriteSource(source: string, from: string, to: string): string {
  const tokens = tokenize(source);
  const hits = new Set(taskNames(tokens).filter((hit) => hit.name === from).map((hit) => hit.token));
  if (hits.size === 0) return source;
  return tokens
    .map((token, index) => {
      if (!hits.has(index)) return token.text;
      return token.kind === 'string' ? token.text.slice(0, 1) + to + token.text.slice(-1) : to;
    })
    .join('');
}

interface TemplatePart {
  source: boolean;
  text: string;
}

/** Splits a template into texts and the sources between {{ and }}; a string with "}}" does not end a source. */
export function templateParts(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{{', at);
    if (open < 0) break;
    const close = closingBraces(template, open + 2);
    if (close < 0) break;
    parts.push({ source: false, text: template.slice(at, open) }, { source: true, text: template.slice(open + 2, close) });
    at = close + 2;
  }
  parts.push({ source: false, text: template.slice(at) });
  return parts.filter((part) => part.source || part.text !== '');
}

function closingBraces(template: string, from: number): number {
  let depth = 0;
  for (const token of tokenize(template.slice(from))) {
    if (token.text === '{') depth++;
    if (token.text !== '}') continue;
    if (depth === 0) return template[from + token.from + 1] === '}' ? from + token.from : -1;
    depth--;
  }
  return -1;
}

/** The same value with every reading of task `from` reading `to`; the very same object when none does. */
export function renameTaskInValue(value: Value, from: string, to: string): Value {
  if (typeof value === 'string') {
    switch (valueMode(value)) {
      case 'expression':
        return `=${rewriteSource(expressionSource(value), from, to)}`;
      case 'template':
        return templateParts(value)
          .map((part) => (part.source ? `{{${rewriteSource(part.text, from, to)}}}` : part.text))
          .join('');
      case 'literal':
        return value;
    }
  }
  if (Array.isArray(value)) {
    const next = value.map((item) => renameTaskInValue(item, from, to));
    return next.some((item, index) => item !== value[index]) ? next : value;
  }
  if (value !== null && typeof value === 'object') {
    const next: Record<string, Json> = {};
    let changed = false;
    for (const [key, item] of Object.entries(value)) {
      const renamed = renameTaskInValue(item, from, to);
      changed ||= renamed !== item;
      next[key] = renamed;
    }
    return changed ? next : value;
  }
  return value;
}

/** The sources of all expressions in a value. */
function sourcesIn(value: Value | undefined): string[] {
  if (typeof value === 'string') {
    switch (valueMode(value)) {
      case 'expression':
        return [expressionSource(value)];
      case 'template':
        return templateParts(value).filter((part) => part.source).map((part) => part.text);
      case 'literal':
        return [];
    }
  }
  if (Array.isArray(value)) return value.flatMap(sourcesIn);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(sourcesIn) : [];
}

/** The names of tasks whose outputs a value reads, in order of appearance, once each. */
export function tasksReadBy(value: Value | undefined): string[] {
  return [...new Set(sourcesIn(value).flatMap((source) => taskNames(tokenize(source)).map((hit) => hit.name)))];
}

/** Whether a value reads one of these names, which are no members of others. */
export function readsName(value: Value | undefined, names: ReadonlySet<string>): boolean {
  return sourcesIn(value).some((source) => {
    const solid = tokenize(source).filter((token) => token.kind !== 'space' && token.kind !== 'comment');
    return solid.some((token, at) => {
      const member = ['.', '?.'].includes(solid[at - 1]?.text ?? '');
      return token.kind === 'name' && !member && names.has(token.text) && solid[at + 1]?.text !== ':';
    });
  });
}
