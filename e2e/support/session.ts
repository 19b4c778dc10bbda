import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { expect, type Page, test as base } from '@playwright/test';

const screens = path.resolve(import.meta.dirname, '../output/screens');

/** The address of the running product. */
export const origin = () => new URL(process.env.PRODUCT_URL ?? 'http://127.0.0.1:8420').origin;

interface Signed {
  /** A page that is signed in as the administrator. */
  app: Page;
}

/** All tests share the session that the printed address gave. */
export const test = base.extend<Signed>({
  app: async ({ page }, use) => {
    await page.context().addCookies([{ name: 'taskurotta_session', value: process.env.PRODUCT_SESSION ?? '', url: origin() }]);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(origin());
    await use(page);
    expect(errors, 'the page threw').toEqual([]);
  },
});

export { expect };

/** Keeps a picture of the page in both themes and both languages. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true });
  const before = await page.evaluate(() => ({ ...localStorage }));
  await page.screenshot({ path: path.join(screens, `${name}.png`) });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: path.join(screens, `${name}-dark.png`) });
  await page.emulateMedia({ colorScheme: 'light' });
  expect(before).toBeDefined();
}

/** A PDF made by the browser's own printer. */
export async function pdf(page: Page, text: string): Promise<Buffer> {
  const printer = await page.context().newPage();
  await printer.setContent(`<h1>${text}</h1><p>Printed by the browser.</p>`);
  const made = await printer.pdf();
  await printer.close();
  return made;
}

/** An XML made by the browser's own serializer. */
export function xml(page: Page, applicant: string): Promise<string> {
  return page.evaluate((name) => {
    const made = document.implementation.createDocument(null, 'application');
    const child = made.createElement('applicant');
    child.textContent = name;
    made.documentElement.append(child);
    return new XMLSerializer().serializeToString(made);
  }, applicant);
}
