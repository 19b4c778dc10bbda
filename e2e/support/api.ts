import { expect, type Page } from '@playwright/test';

/** Calls the API as the page's user, as the page itself would. */
export async function call<T = unknown>(page: Page, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await page.evaluate(
    async ([verb, url, content, more]) => {
      const response = await fetch(`/api/v1${url}`, {
        method: verb,
        headers: { ...(content === undefined ? {} : { 'Content-Type': 'application/json' }), ...more },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      });
      return { status: response.status, text: await response.text() };
    },
    [method, path, body, headers] as const,
  );
  expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
  return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
}

interface Drawn {
  nodes: readonly { service?: { type: string } }[];
}

/** Makes a definition of a document and publishes it, once the workers have announced what it asks for. */
export async function publish(page: Page, key: string, title: string, document: Drawn): Promise<void> {
  const wanted = document.nodes.flatMap((node) => node.service?.type ?? []);
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { type: string }[] }>(page, 'GET', '/node-types');
      return wanted.filter((type) => !items.some((item) => item.type === type));
    })
    .toEqual([]);
  await call(page, 'POST', '/definitions', { key, title, document });
  const draft = await call<{ revision: number }>(page, 'GET', `/definitions/${key}/draft`);
  await call(page, 'POST', `/definitions/${key}/publish`, { note: 'first' }, { 'If-Match': `"${draft.revision}"` });
}
