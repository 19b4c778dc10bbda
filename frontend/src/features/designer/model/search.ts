// What of the designer stands in the address.

export interface DesignerSearch {
  /** The sub-process that is shown by itself. */
  in?: string | undefined;
}

export function parseDesignerSearch(search: Record<string, unknown>): DesignerSearch {
  return typeof search.in === 'string' && search.in !== '' ? { in: search.in } : {};
}
