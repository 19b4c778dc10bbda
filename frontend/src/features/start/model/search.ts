export interface StartSearch {
  definition?: string;
}

export function parseStartSearch(search: Record<string, unknown>): StartSearch {
  return typeof search.definition === 'string' ? { definition: search.definition } : {};
}
