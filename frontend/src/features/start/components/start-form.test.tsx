// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { DefinitionSummary, VersionDetail } from '@/shared/api/types';
import { changeLanguage } from '@/shared/i18n/i18n';
import { renderPart } from '@/shared/testing/render';

import { StartForm } from './start-form';

const definition: DefinitionSummary = {
  key: 'document-check', title: 'Document check', latest: 3, draft_revision: 1, unpublished: false, running: 0, incidents: 0,
  updated_at: '2026-11-23T12:00:00Z', updated_by: 'anna',
};

const version: VersionDetail = {
  number: 3, note: '', checksum: 'x', published_at: '2026-11-23T12:00:00Z', published_by: 'anna', running: 0, incidents: 0, latest: true, node_types: [],
  document: {
    schema: 1, edges: [], layout: {},
    nodes: [
      {
        id: 'start', kind: 'start_event', title: 'Start',
        start: {
          input_schema: {
            type: 'object',
            required: ['applicant', 'document'],
            properties: {
              applicant: { type: 'string', title: 'Applicant', minLength: 3 },
              amount: { type: 'string', format: 'decimal', title: 'Amount' },
              document: { type: 'object', format: 'file', title: 'Document' },
            },
          },
        },
      },
    ],
  },
};

const server = setupServer();
const starts: { key: string | null; body: unknown }[] = [];

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
});
afterAll(() => {
  server.close();
});
beforeEach(async () => {
  await changeLanguage('en');
  starts.length = 0;
  server.use(
    // jsdom's form does not survive Node's fetch: what is uploaded is looked at in the browser tests.
    http.post('*/api/v1/files', () =>
      HttpResponse.json({ $file: `sha256:${'a'.repeat(64)}`, name: 'lease.pdf', size: 4, media_type: 'application/pdf' }, { status: 201 }),
    ),
  );
});
afterEach(() => {
  server.resetHandlers();
});

function answerStart(answer: () => Response): void {
  server.use(
    http.post('*/api/v1/processes', async ({ request }) => {
      starts.push({ key: request.headers.get('Idempotency-Key'), body: await request.json() });
      return answer();
    }),
  );
}

async function fill(): Promise<ReturnType<typeof userEvent.setup>> {
  const user = userEvent.setup();
  await renderPart(<StartForm definition={definition} version={version} />);
  await user.type(await screen.findByLabelText(/customId/), '77:01-1');
  await user.type(screen.getByLabelText(/Applicant/), 'Anna');
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('no file input');
  await user.upload(input, new File(['%PDF'], 'lease.pdf', { type: 'application/pdf' }));
  await screen.findByText('lease.pdf');
  return user;
}

describe('StartForm', () => {
  it('says what is missing before anything is sent', async () => {
    const user = userEvent.setup();
    await renderPart(<StartForm definition={definition} version={version} />);
    await user.click(await screen.findByRole('button', { name: 'Start' }));
    expect(screen.getByText('Give the process a customId')).toBeTruthy();
    expect(screen.getAllByText('Fill this in')).toHaveLength(2);
    expect(screen.getByText('3 fields to correct')).toBeTruthy();
  });

  it('sends the input with the uploaded file and an idempotency key', async () => {
    answerStart(() => HttpResponse.json({ id: '0192f000-0000-7000-8000-000000000001', existing: false }, { status: 201 }));
    const user = await fill();
    await user.type(screen.getByLabelText('Amount'), '1 200,50');
    await user.click(screen.getByRole('button', { name: 'Start' }));
    await waitFor(() => {
      expect(starts).toHaveLength(1);
    });
    expect(starts[0]?.body).toEqual({
      definition: 'document-check',
      custom_id: '77:01-1',
      input: {
        applicant: 'Anna',
        amount: '1200.50',
        document: { $file: `sha256:${'a'.repeat(64)}`, name: 'lease.pdf', size: 4, media_type: 'application/pdf' },
      },
    });
    expect(starts[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps what is typed while a file is on its way', async () => {
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    server.use(
      http.post('*/api/v1/files', async () => {
        await arrived;
        return HttpResponse.json({ $file: `sha256:${'b'.repeat(64)}`, name: 'slow.pdf', size: 4, media_type: 'application/pdf' }, { status: 201 });
      }),
    );
    const user = userEvent.setup();
    await renderPart(<StartForm definition={definition} version={version} />);
    await screen.findByLabelText(/customId/);
    const input = document.querySelector<HTMLInputElement>('input[type=file]');
    if (!input) throw new Error('no file input');
    await user.upload(input, new File(['%PDF'], 'slow.pdf', { type: 'application/pdf' }));
    await user.type(screen.getByLabelText(/Applicant/), 'Anna');
    arrive();
    await screen.findByText('slow.pdf');
    expect(screen.getByLabelText<HTMLInputElement>(/Applicant/).value).toBe('Anna');
  });

  it('puts what the server refuses on its field', async () => {
    answerStart(() =>
      HttpResponse.json(
        {
          status: 422, code: 'process.input_invalid', detail: 'The input breaks the schema.',
          issues: [
            { path: '/input/document', code: 'file.not_yours', message: 'This file was not uploaded by you.' },
            { path: '/custom_id', code: 'request.invalid', message: 'This customId is taken.' },
          ],
        },
        { status: 422, headers: { 'Content-Type': 'application/problem+json' } },
      ),
    );
    const user = await fill();
    await user.click(screen.getByRole('button', { name: 'Start' }));
    expect(await screen.findByText('This file was not uploaded by you.')).toBeTruthy();
    expect(screen.getByText('This customId is taken.')).toBeTruthy();
    expect(screen.getByText('The input does not fit what the process asks for')).toBeTruthy();
  });

  it('keeps the key for the same body and makes a new one for a corrected form', async () => {
    answerStart(() => HttpResponse.json({ status: 503, code: 'server.unavailable', detail: 'The database is away.' }, { status: 503 }));
    const user = await fill();
    const press = async (count: number) => {
      await user.click(screen.getByRole('button', { name: 'Start' }));
      await waitFor(() => {
        expect(starts).toHaveLength(count);
      });
      await screen.findByText('The server is busy; try again');
    };
    await press(1);
    await press(2);
    await user.type(screen.getByLabelText(/customId/), '-b');
    await press(3);
    expect(starts[1]?.key).toBe(starts[0]?.key);
    expect(starts[2]?.key).not.toBe(starts[0]?.key);
  });
});
