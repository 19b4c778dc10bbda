export interface MailSearch {
  message?: string;
}

export function parseMailSearch(search: Record<string, unknown>): MailSearch {
  if (typeof search.message === 'string') return { message: search.message };
  return typeof search.message === 'number' ? { message: String(search.message) } : {};
}
