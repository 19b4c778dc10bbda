import { call } from '../support/api.ts';
import { expect, origin, test, walk } from '../support/session.ts';

const document = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Start', start: {} },
    { id: 'count', kind: 'script_task', title: 'Count', script: { output: { total: '=1 + 1' } } },
    { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
  ],
  edges: [{ id: 'e1', from: 'start', to: 'count' }, { id: 'e2', from: 'count', to: 'end' }],
  layout: { nodes: { start: { x: 0, y: 0 }, count: { x: 120, y: -14 }, end: { x: 420, y: 0 } } },
};

test('a phone shows everything and changes nothing', async ({ app: page }) => {
  const key = `phone-${Date.now()}`;
  await call(page, 'POST', '/definitions', { key, title: 'On the phone', document });
  const { items } = await call<{ items: { id: string }[] }>(page, 'GET', '/processes?definition=document-check&limit=1');
  await page.setViewportSize({ width: 390, height: 844 });
  const places = [
    '/', '/definitions', '/definitions/document-check/compare', '/processes', '/tasks', '/incidents', '/bulk', '/schedules', '/workers', '/mail', '/alerts', '/audit',
    '/settings',
  ];
  for (const place of places) {
    await walk(page, place);
    const wide = await page.evaluate(() => {
      const main = globalThis.document.querySelector('main');
      return [globalThis.document.documentElement.scrollWidth - innerWidth, (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0)];
    });
    expect(wide, `${place} is wider than the phone`).toEqual([0, 0]);
  }
  await expect(page.getByRole('button', { name: 'Add a secret' })).toHaveCount(0);

  await walk(page, `/definitions/${key}`);
  await expect(page.getByTestId('node-count')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Publish', exact: true })).toBeHidden();
  await expect(page.locator('[data-editing]')).toHaveCount(0);

  await walk(page, `/processes/${items[0]?.id ?? ''}`);
  const column = page.getByTestId('process-column');
  await expect(column.getByRole('tree')).toBeVisible();
  expect((await column.getByRole('tree').boundingBox())?.width).toBeGreaterThan(340);
  await column.getByRole('treeitem').nth(1).click();
  await expect(column.getByRole('button', { name: 'Retry', exact: true })).toHaveCount(0);
  expect(await column.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0);
});

test('a tablet pans, zooms, selects and edits by touch', async ({ app, browser }) => {
  const key = `tablet-${Date.now()}`;
  await call(app, 'POST', '/definitions', { key, title: 'On the tablet', document });
  const context = await browser.newContext({ viewport: { width: 820, height: 1180 }, hasTouch: true, reducedMotion: 'reduce', locale: 'en' });
  await context.addCookies(await app.context().cookies());
  const page = await context.newPage();
  await page.goto(`${origin()}/definitions/${key}`);
  await expect(page.getByTestId('node-count')).toBeVisible();
  const seen = () => page.locator('.react-flow__viewport').getAttribute('style');

  // One finger on the free canvas moves it, two bring it nearer.
  const fingers = await context.newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [x: number, y: number][]) =>
    fingers.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const canvas = (await page.getByTestId('canvas').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [x, y] = [canvas.x + canvas.width / 2, canvas.y + 140];
  const before = await seen();
  await touch('touchStart', [x, y]);
  for (let step = 1; step <= 5; step++) await touch('touchMove', [x, y + step * 12]);
  await touch('touchEnd');
  await expect.poll(seen).not.toBe(before);
  const scale = async () => Number(/scale\(([\d.]+)\)/.exec((await seen()) ?? '')?.[1]);
  const far = await scale();
  await touch('touchStart', [x - 30, y], [x + 30, y]);
  for (let step = 1; step <= 5; step++) await touch('touchMove', [x - 30 - step * 6, y], [x + 30 + step * 6, y]);
  await touch('touchEnd');
  await expect.poll(scale).toBeGreaterThan(far);

  await page.getByTestId('node-count').tap();
  await page.getByTestId('properties').getByLabel('Title', { exact: true }).fill('Counted by hand');
  await expect(page.getByTestId('node-count')).toContainText('Counted by hand');
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-phase', 'saved');
  await context.close();
});
