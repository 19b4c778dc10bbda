// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { ApiError } from '@/shared/api/problem';
import { renderPart } from '@/shared/testing/render';

import { ReasonDialog } from './reason-dialog';

async function open(onConfirm: (reason: string) => Promise<unknown>) {
  const onClose = vi.fn();
  await renderPart(<ReasonDialog opened onClose={onClose} title="Cancel it?" explanation="It ends." confirm="Cancel it" onConfirm={onConfirm} />);
  await screen.findByText('It ends.');
  return { onClose, user: userEvent.setup() };
}

describe('ReasonDialog', () => {
  it('does nothing without a reason', async () => {
    const onConfirm = vi.fn<(reason: string) => Promise<void>>();
    const { user, onClose } = await open(onConfirm);
    await user.click(screen.getByRole('button', { name: 'Cancel it' }));
    expect(screen.getByText('Say why')).toBeTruthy();
    expect(onConfirm).not.toHaveBeenCalled();
    expect(onClose).not.toHaveBeenCalled();
  });

  it('hands the reason on and closes', async () => {
    const onConfirm = vi.fn((_reason: string) => Promise.resolve());
    const { user, onClose } = await open(onConfirm);
    await user.type(screen.getByLabelText(/Reason/), ' started twice ');
    await user.click(screen.getByRole('button', { name: 'Cancel it' }));
    expect(onConfirm).toHaveBeenCalledWith('started twice');
    await waitFor(() => {
      expect(onClose).toHaveBeenCalled();
    });
  });

  it('stays open and says what the server refused', async () => {
    const refusal = new ApiError({ status: 409, code: 'flow.process_ended', detail: 'The process has ended.' });
    const { user, onClose } = await open(() => Promise.reject(refusal));
    await user.type(screen.getByLabelText(/Reason/), 'because');
    await user.click(screen.getByRole('button', { name: 'Cancel it' }));
    expect((await screen.findByRole('alert')).textContent).toBe('The process has ended');
    expect(onClose).not.toHaveBeenCalled();
  });
});
