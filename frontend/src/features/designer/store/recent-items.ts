// The steps that a person put on the canvas lately, in this browser.

const NAME = 'taskurotta-recent-steps';
const KEPT = 6;

export function recentItems(): string[] {
  try {
    const value: unknown = JSON.parse(window.localStorage.getItem(NAME) ?? '[]');
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberItem(id: string): void {
  try {
    window.localStorage.setItem(NAME, JSON.stringify([id, ...recentItems().filter((each) => each !== id)].slice(0, KEPT)));
  } catch {
    // Without a storage the list of recent steps stays empty; nothing depends on it.
  }
}
