import { expect, type Page, test as base } from '@playwright/test';

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
