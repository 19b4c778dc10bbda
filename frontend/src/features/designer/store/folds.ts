// What is folded in each definition, in this browser.

const PREFIX = 'taskurotta-folds:';

export function readFolds(definition: string): Set<string> {
  try {
    const value: unknown = JSON.parse(window.localStorage.getItem(PREFIX + definition) ?? '[]');
    return new Set(Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);
  } catch {
    return new Set();
  }
}

export function keepFolds(definition: string, folded: ReadonlySet<string>): void {
  try {
    if (folded.size === 0) window.localStorage.removeItem(PREFIX + definition);
    else window.localStorage.setItem(PREFIX + definition, JSON.stringify([...folded]));
  } catch {
    // Without a storage everything is open the next time.
  }
}
