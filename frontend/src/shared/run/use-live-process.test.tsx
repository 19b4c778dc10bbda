// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Process, TaskSummary } from '@/shared/api/types';
import { LiveClient } from '@/shared/live/live-client';
import { FakeSocket } from '@/shared/testing/fake-socket';
import { renderPart } from '@/shared/testing/render';

import { aProcess, aTask } from './process-fixture';
import { useLiveProcess } from './use-live-process';

const id = aProcess().id;
const server = setupServer();
let stored: { process: Process; tasks: TaskSummary[] };

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
});
afterAll(() => {
  server.close();
});
afterEach(() => {
  server.resetHandlers();
});

function Probe() {
  const { data } = useLiveProcess(id);
  if (!data) return <p>loading</p>;
  return (
    <p>
      {data.process.state} {JSON.stringify(data.process.output ?? null)}{' '}
      {Object.values(data.tasks)
        .map((task) => `${task.id}=${task.state}`)
        .join(' ')}
    </p>
  );
}

async function open() {
  server.use(
    http.get(`*/api/v1/processes/${id}`, () => HttpResponse.json(stored.process)),
    http.get(`*/api/v1/processes/${id}/tasks`, () => HttpResponse.json({ items: stored.tasks })),
  );
  const socket = new FakeSocket();
  const live = new LiveClient(() => socket);
  await renderPart(<Probe />, { live });
  act(() => {
    socket.open();
  });
  return socket;
}

describe('useLiveProcess', () => {
  it('loads over HTTP and goes on from there over the websocket', async () => {
    stored = { process: aProcess({ seq: 4 }), tasks: [aTask('a')] };
    const socket = await open();
    expect(await screen.findByText('running null a=queued')).toBeTruthy();
    expect(socket.sent).toEqual([{ type: 'subscribe', id: 's1', topic: 'process', process_id: id, after: { [id]: 4 } }]);
    act(() => {
      socket.say({ type: 'batch', id: 's1', seq: 5, process: aProcess(), tasks: [aTask('a', { state: 'running' })] });
    });
    expect(await screen.findByText('running null a=running')).toBeTruthy();
  });

  it('resumes after a lost connection from the last sequence it heard', async () => {
    stored = { process: aProcess({ seq: 4 }), tasks: [aTask('a')] };
    const socket = await open();
    await screen.findByText('running null a=queued');
    act(() => {
      socket.say({ type: 'batch', id: 's1', seq: 9, process: aProcess(), tasks: [aTask('a', { state: 'running' })] });
      socket.drop();
      socket.sent = [];
      socket.open();
    });
    expect(socket.sent).toEqual([{ type: 'subscribe', id: 's1', topic: 'process', process_id: id, after: { [id]: 9 } }]);
  });

  it('asks for a snapshot when the server lost events of ours', async () => {
    stored = { process: aProcess({ seq: 4 }), tasks: [aTask('a')] };
    const socket = await open();
    await screen.findByText('running null a=queued');
    socket.sent = [];
    act(() => {
      socket.say({ type: 'resync', id: 's1' });
    });
    expect(socket.sent).toEqual([{ type: 'subscribe', id: 's1', topic: 'process', process_id: id }]);
    act(() => {
      socket.say({ type: 'snapshot', id: 's1', seq: 30, process: aProcess(), tasks: [aTask('b', { state: 'completed' })] });
    });
    expect(await screen.findByText('running null b=completed')).toBeTruthy();
  });

  it('fetches the output when the process has ended', async () => {
    stored = { process: aProcess({ seq: 4 }), tasks: [aTask('a')] };
    const socket = await open();
    await screen.findByText('running null a=queued');
    stored = { process: aProcess({ seq: 5, state: 'completed', output: { accepted: true } }), tasks: [] };
    const { input: _input, output: _output, ...delta } = stored.process;
    act(() => {
      socket.say({ type: 'batch', id: 's1', seq: 5, process: delta, tasks: [aTask('a', { state: 'completed' })] });
    });
    await waitFor(() => {
      expect(screen.getByText('completed {"accepted":true} a=completed')).toBeTruthy();
    });
  });
});
