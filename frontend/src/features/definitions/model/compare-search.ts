// Which two documents are compared, as the URL names them.

/** "draft", "latest" or the number of a version. */
export type Source = 'draft' | 'latest' | number;

export interface CompareSearch {
  from?: Source;
  to?: Source;
}

function sourceOf(value: unknown): Source | undefined {
  if (value === 'draft' || value === 'latest') return value;
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  const [from, to] = [sourceOf(search.from), sourceOf(search.to)];
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}
