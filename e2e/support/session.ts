import { expect, type Page, type Request, test as base } from '@playwright/test';

/** A running product and the session of its administrator. */
export interface Product {
  origin: string;
  session: string;
  /** The page of the registry that answers the examples. */
  registry: string;
}

/** The product of this parallel worker. */
function product(): Product {
  const all = JSON.parse(process.env.PRODUCTS ?? '[]') as Product[];
  const mine = all[Number(process.env.TEST_PARALLEL_INDEX ?? 0) % all.length];
  if (!mine) throw new Error('no product was started');
  return mine;
}

/** The address of the running product. */
export const origin = () => product().origin;

/** The page of its registry. */
export const registry = () => product().registry;

interface Signed {
  /** A page that is signed in as the administrator. */
  app: Page;
}

/** All tests on a product share the session that its printed address gave. */
export const test = base.extend<Signed>({
  app: async ({ page }, use) => {
    await page.context().addCookies([{ name: 'taskurotta_session', value: product().session, url: origin() }]);
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

const asked = new WeakMap<Page, Set<Request>>();

/** The requests that a page waits for, counted from the first call on. */
function waiting(page: Page): Set<Request> {
  const known = asked.get(page);
  if (known !== undefined) return known;
  const open = new Set<Request>();
  asked.set(page, open);
  page.on('request', (request) => open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return open;
}

/** Leads to another place in the page that is open, and waits until it has all that it asked for. */
export async function walk(page: Page, place: string): Promise<void> {
  const open = waiting(page);
  await page.evaluate((to) => {
    history.pushState(null, '', to);
  }, place);
  let calm = 0;
  await expect
    .poll(
      async () => {
        const busy = open.size > 0 || (await page.locator('[aria-busy="true"], .mantine-Loader-root').count()) > 0;
        calm = busy ? 0 : calm + 1;
        return calm;
      },
      { intervals: [100], timeout: 60_000 },
    )
    .toBeGreaterThan(3);
}
