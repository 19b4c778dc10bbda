// Texts for every test; for those that have a page, what jsdom lacks and Mantine, the virtual lists and the canvas ask for.
import { afterEach, vi } from 'vitest';

import { startTexts } from '@/shared/i18n/i18n';

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

if ('document' in globalThis) {
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
  const { cleanup } = await import('@testing-library/react');
  afterEach(cleanup);
}

await startTexts('en');
