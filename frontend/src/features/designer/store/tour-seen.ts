// Whether the tour was taken, or declined, in this browser.

const NAME = 'taskurotta-designer-tour';

export function tourSeen(): boolean {
  try {
    return window.localStorage.getItem(NAME) !== null;
  } catch {
    return true;
  }
}

export function rememberTour(): void {
  try {
    window.localStorage.setItem(NAME, 'seen');
  } catch {
    // Without a storage it is not offered: it could not be declined for good.
  }
}
