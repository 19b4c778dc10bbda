export interface AlertsSearch {
  /** The list that is seen; the open ones when absent. */
  state?: 'past';
}

export function parseAlertsSearch(search: Record<string, unknown>): AlertsSearch {
  return search.state === 'past' ? { state: 'past' } : {};
}
