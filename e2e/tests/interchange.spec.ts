import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Download, Page } from '@playwright/test';

import { call } from '../support/api.ts';
import { inBothThemes } from '../support/look.ts';
import { expect, origin, test } from '../support/session.ts';

const files = path.resolve(import.meta.dirname, '../../frontend/src/shared/bpmn/testdata');
const output = path.resolve(import.meta.dirname, '../output/interchange');

interface Document {
  nodes: { id: string; kind: string; title: string }[];
  edges: { id: string; condition?: string }[];
}

const EMPTY = { schema: 1, nodes: [], edges: [], layout: {} };

const draftOf = async (page: Page, key: string): Promise<Document> => (await call<{ document: Document }>(page, 'GET', `/definitions/${key}/draft`)).document;

/** Exports by the menu in the header and keeps what the browser saved. */
async function exported(page: Page, format: string): Promise<{ text: string; bytes: Buffer; name: string }> {
  await page.getByTestId('interchange-menu').click();
  const download = page.waitForEvent('download');
  await page.getByTestId(`interchange-export_${format}`).click();
  return saved(await download);
}

async function saved(download: Download): Promise<{ text: string; bytes: Buffer; name: string }> {
  mkdirSync(output, { recursive: true });
  const name = path.join(output, download.suggestedFilename());
  await download.saveAs(name);
  const bytes = readFileSync(name);
  return { text: bytes.toString('utf8'), bytes, name };
}

async function importFile(page: Page, name: string): Promise<void> {
  // A menu that closes keeps the keyboard for a moment.
  await expect(async () => {
    await page.keyboard.press('Control+o');
    await expect(page.locator('input[type=file]')).toHaveCount(1, { timeout: 1000 });
  }).toPass();
  await page.locator('input[type=file]').setInputFiles(name);
}

/** A graph of so many steps in rows. */
function large(count: number): { schema: number; nodes: unknown[]; edges: unknown[]; layout: unknown } {
  const places: Record<string, { x: number; y: number }> = {};
  const id = (n: number): string => `step_${n}`;
  const nodes = Array.from({ length: count }, (_, n) => {
    places[id(n)] = { x: (n % 50) * 300, y: Math.floor(n / 50) * 140 };
    return { id: id(n), kind: 'script_task', title: `Шаг ${n} of many`, script: { output: {} } };
  });
  const edges = nodes.slice(1).map((_, n) => ({ id: `e${n}`, from: id(n), to: id(n + 1) }));
  return { schema: 1, nodes, edges, layout: { nodes: places } };
}

test('files of other tools come in with a report, and go out to the byte', async ({ app }) => {
  await call(app, 'POST', '/definitions', { key: 'exchange', title: 'Exchange', document: EMPTY });
  await app.goto(`${origin()}/definitions/exchange`);

  await test.step('a foreign file is reported on before anything is changed', async () => {
    await app.getByTestId('empty-import').click();
    await app.locator('input[type=file]').setInputFiles(path.join(files, 'camunda-modeler.bpmn'));
    const report = app.getByTestId('import-report');
    await expect(report.getByRole('tab', { name: 'Lost 0' })).toBeVisible();
    await expect(report.getByTestId('report-changed')).toContainText('Choose the node type that does the work');
    await report.getByRole('tab', { name: /^Kept, not run/ }).click();
    await expect(report.getByTestId('report-kept')).toContainText('zeebe:taskDefinition');
    await inBothThemes(app, 'import-report');
    expect((await draftOf(app, 'exchange')).nodes).toEqual([]);
  });

  await test.step('it replaces the draft as one step', async () => {
    await app.getByTestId('import-replace').click();
    await expect(app.getByTestId('node-charge_card')).toBeVisible();
    await expect(app.getByTestId('save-state')).toHaveAttribute('data-phase', 'saved');
    expect((await draftOf(app, 'exchange')).nodes.map((node) => node.title)).toEqual(['Order received', 'Review order', 'Large?', 'Charge card', 'Declined', 'Done', 'Declined']);
    await app.keyboard.press('Control+z');
    await expect(app.getByTestId('node-charge_card')).toHaveCount(0);
    await app.keyboard.press('Control+y');
    await expect(app.getByTestId('node-charge_card')).toBeVisible();
  });

  const json = await test.step('it goes out as BPMN, JSON and pictures', async () => {
    const bpmn = await exported(app, 'bpmn');
    for (const kept of ['zeebe:taskDefinition', 'bioc:stroke', 'DataObjectReference_1', 'Lane_clerk', '<dc:Bounds x="590.5" y="319.25" width="100" height="80" />']) expect(bpmn.text).toContain(kept);
    const svg = await exported(app, 'svg');
    for (const drawn of ['Charge card', 'Cards only', 'large', 'data:font/woff2']) expect(svg.text).toContain(drawn);
    const png = await exported(app, 'png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    return (await exported(app, 'json')).text;
  });

  await test.step('the file that went out makes the same document, dropped on another canvas', async () => {
    await call(app, 'POST', '/definitions', { key: 'exchange-back', title: 'Back', document: EMPTY });
    await app.goto(`${origin()}/definitions/exchange-back`);
    await expect(app.getByTestId('empty-import')).toBeVisible();
    const text = readFileSync(path.join(output, 'exchange.bpmn'), 'utf8');
    const transfer = await app.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'exchange.bpmn', { type: 'application/xml' }));
      return data;
    }, text);
    await app.getByTestId('canvas').dispatchEvent('dragover', { dataTransfer: transfer });
    await app.getByTestId('canvas').dispatchEvent('drop', { dataTransfer: transfer });
    await expect(app.getByTestId('import-report')).toContainText('everything comes back as it was');
    await app.getByTestId('import-replace').click();
    await expect(app.getByTestId('node-charge_card')).toBeVisible();
    expect((await exported(app, 'json')).text).toBe(json);
  });

  await test.step('an undrawn file is laid out and opens as a new draft', async () => {
    await importFile(app, path.join(files, 'eclipse.bpmn2'));
    await expect(app.getByTestId('import-report')).toContainText('the graph was laid out here');
    await app.getByTestId('import-new').click();
    await expect(app).toHaveURL(/\/definitions\/leave-request$/);
    await expect(app.getByTestId('node-count_days')).toBeVisible();
    const { document } = await call<{ document: { layout: { nodes: Record<string, { x: number }> } } }>(app, 'GET', '/definitions/leave-request/draft');
    expect(document.layout.nodes.count_days?.x).toBeLessThan(document.layout.nodes.approve?.x ?? 0);
  });

  await test.step('a bad file is answered with what is bad', async () => {
    const bad = path.join(output, 'bad.json');
    writeFileSync(bad, '{"schema":1,"nodes":[{"id":"a","kind":"script_task","title":5,"colour":"red"}],"edges":[],"layout":{}}');
    await importFile(app, bad);
    const failure = app.getByTestId('import-failure');
    await expect(failure).toContainText('/nodes/0/title');
    await expect(failure).toContainText('/nodes/0/colour');
    const bomb = path.join(output, 'bomb.bpmn');
    writeFileSync(bomb, '<!DOCTYPE d [<!ENTITY a "aaaa">]><definitions/>');
    await app.locator('input[type=file]').setInputFiles(bomb);
    await expect(failure).toContainText('<!DOCTYPE>');
    await app.keyboard.press('Escape');
    await expect(app.getByTestId('node-count_days')).toBeVisible();
  });

  await test.step('2,000 steps are drawn whole', async () => {
    await call(app, 'POST', '/definitions', { key: 'exchange-large', title: 'Large', document: large(2000) });
    await app.goto(`${origin()}/definitions/exchange-large`);
    await expect(app.getByTestId('canvas')).toHaveAttribute('data-nodes', '2000');
    const svg = await exported(app, 'svg');
    expect(svg.text.match(/of many/g)?.length).toBe(2000);
    const png = await exported(app, 'png');
    expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(10_000);
    const bpmn = await exported(app, 'bpmn');
    expect(bpmn.text.match(/<bpmndi:BPMNShape /g)?.length).toBe(2000);
  });
});
