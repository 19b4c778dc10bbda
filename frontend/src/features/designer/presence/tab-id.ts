// What this browser tab calls itself towards the server and towards other tabs.

import { randomId } from '@/shared/api/random-id';

const NAME = 'taskurotta-tab';

/**
 * A reload gets its id back. A tab that is duplicated copies the session's storage too, so the id lies there only while no page is
 * open: from the moment that one goes away until the next one comes.
 */
export function takeTabId(storage: Storage, page: EventTarget): string {
  let id: string;
  try {
    id = storage.getItem(NAME) ?? randomId();
    storage.removeItem(NAME);
  } catch {
    return randomId();
  }
  page.addEventListener('pagehide', () => {
    storage.setItem(NAME, id);
  });
  page.addEventListener('pageshow', () => {
    storage.removeItem(NAME);
  });
  return id;
}

let own: string | undefined;

export function tabId(): string {
  own ??= takeTabId(window.sessionStorage, window);
  return own;
}
