// What jsdom lacks and Mantine, the virtual lists and the canvas ask for.
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

import { startI18n } from '@/shared/i18n/i18n';

class Observer {
  observe(): void {
    // jsdom has no layout: nothing ever changes its size or comes into view.
  }
  unobserve(): void {
    // See observe.
  }
  disconnect(): void {
    // See observe.
  }
  takeRecords(): [] {
    return [];
  }
}

vi.stubGlobal('ResizeObserver', Observer);
vi.stubGlobal('IntersectionObserver', Observer);
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  onchange: null,
  addEventListener: vi.fn(),
  removeEventListener: vi.fn(),
  dispatchEvent: () => false,
}));
window.HTMLElement.prototype.scrollIntoView = vi.fn();
Object.defineProperty(document, 'fonts', { value: new EventTarget() });

await startI18n('en');

afterEach(() => {
  cleanup();
});
