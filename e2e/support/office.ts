// What people do in the inbox, and how badly the registry of the examples behaves.

import type { Page } from '@playwright/test';

import { everyLook } from './look.ts';
import { expect, origin, registry } from './session.ts';

/** A bus with faults, and a registry that is quick. */
const faults = {
  delay_min: '0s', delay_max: '300ms', refuse: '0', fail_entry: '0', fail_extract: '0', unpaid: '0', paid_late: '0', silent: '0',
  duplicate: '0.3', early: '0.2', lost_ack: '0.2', ack_delay: '0s', outage_every: '4s', outage_for: '300ms',
};

/** Says on the registry's page how it behaves from now on, besides what its bus does to everybody. */
export async function behave(app: Page, more: Partial<typeof faults> = {}): Promise<void> {
  expect((await app.request.post(`${registry()}/faults`, { form: { ...faults, ...more } })).ok()).toBe(true);
}

/** Does the task that is offered for a process in the inbox. */
export async function decide(app: Page, customId: string, title: string, decision: string, look?: string): Promise<void> {
  await app.goto(`${origin()}/tasks?q=${customId}`);
  const row = app.getByTestId('user-task-row').filter({ hasText: customId }).filter({ hasText: title });
  await expect(row).toBeVisible({ timeout: 60_000 });
  await row.click();
  const task = app.getByTestId('user-task');
  await task.getByRole('button', { name: 'Take the task' }).click();
  await task.getByRole('combobox', { name: 'Decision' }).click();
  await app.getByRole('option', { name: decision, exact: true }).click();
  if (look !== undefined) await everyLook(app, look);
  await task.getByRole('button', { name: 'Complete' }).click();
  await expect(row).toHaveCount(0);
}
