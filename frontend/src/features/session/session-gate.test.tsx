// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { changeLanguage } from '@/shared/i18n/i18n';
import { testQueryClient } from '@/shared/testing/render';

import { SessionGate } from './session-gate';

const me = { user_id: '1', login: 'anna', name: 'Anna', roles: ['admin'], permissions: [], locale: '', version: '1', mode: 'dev' };
const server = setupServer();
let asked: unknown[] = [];

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
});
afterAll(() => {
  server.close();
});
beforeEach(async () => {
  asked = [];
  await changeLanguage('en');
  server.use(
    http.get('*/api/v1/session', () => HttpResponse.json({ status: 401, code: 'session.required' }, { status: 401 })),
    http.post('*/api/v1/session', async ({ request }) => {
      const body = (await request.json()) as { token?: string; password?: string };
      asked.push(body);
      const good = body.token === 'fresh' || body.password === 'right';
      return good ? HttpResponse.json(me) : HttpResponse.json({ status: 401, code: 'session.refused' }, { status: 401 });
    }),
  );
});
afterEach(() => {
  server.resetHandlers();
  window.history.replaceState(null, '', '/');
});

function open(address: string): void {
  window.history.replaceState(null, '', address);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={testQueryClient()}>
        <SessionGate>
          <p>inside</p>
        </SessionGate>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

describe('SessionGate', () => {
  it('signs in with the token of the address and takes it out', async () => {
    open('/processes?token=fresh&state=incident#x');
    expect(await screen.findByText('inside')).toBeTruthy();
    expect(asked).toEqual([{ token: 'fresh' }]);
    expect(window.location.href).toMatch(/\/processes\?state=incident#x$/);
  });

  it('explains a token that was used already', async () => {
    open('/?token=old');
    expect(await screen.findByText(/used already/)).toBeTruthy();
    expect(window.location.search).toBe('');
  });

  it('lets in with login and password, and says no without a word more', async () => {
    const user = userEvent.setup();
    open('/processes/1');
    await user.type(await screen.findByLabelText(/Login/), 'anna');
    const password = document.querySelector<HTMLInputElement>('input[type=password]');
    if (!password) throw new Error('no password field');
    await user.type(password, 'wrong');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('Login or password is wrong')).toBeTruthy();
    await user.clear(password);
    await user.type(password, 'right');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('inside')).toBeTruthy();
    expect(window.location.pathname).toBe('/processes/1');
  });

  it('shows the sign-in again when another request finds the session gone', async () => {
    const { api, take } = await import('@/shared/api/client');
    open('/?token=fresh');
    await screen.findByText('inside');
    server.use(http.get('*/api/v1/workers', () => HttpResponse.json({ status: 401, code: 'session.required' }, { status: 401 })));
    await take(api.GET('/workers')).catch(() => undefined);
    await waitFor(() => {
      expect(screen.queryByText('inside')).toBeNull();
    });
  });
});
