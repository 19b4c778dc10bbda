export interface TasksSearch {
  /** "process/task" of the one that is open. */
  task?: string;
  /** Only those that I have claimed. */
  mine?: boolean;
  /** Beginning of the customId. */
  q?: string;
}

export function parseTasksSearch(search: Record<string, unknown>): TasksSearch {
  const q = typeof search.q === 'number' ? String(search.q) : search.q;
  return {
    ...(typeof search.task === 'string' ? { task: search.task } : {}),
    ...(search.mine === true || search.mine === 'true' ? { mine: true } : {}),
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
  };
}
