import { describe, expect, it, vi } from 'vitest';

import { FakeSocket } from '@/shared/testing/fake-socket';

import { LiveClient } from './live-client';
import type { SubscriptionMessage } from './messages';

function connected() {
  const socket = new FakeSocket();
  const client = new LiveClient(() => socket);
  client.start();
  socket.open();
  return { socket, client };
}

describe('LiveClient', () => {
  it('asks for a subscription and hands its messages on', () => {
    const { socket, client } = connected();
    const heard: SubscriptionMessage[] = [];
    client.subscribe(
      () => ({ topic: 'workers' }),
      (message) => heard.push(message),
    );
    expect(socket.sent).toEqual([{ type: 'subscribe', id: 's1', topic: 'workers' }]);
    socket.say({ type: 'pools', id: 's1', items: [] });
    socket.say({ type: 'pools', id: 'somebody-else', items: [] });
    expect(heard).toEqual([{ type: 'pools', id: 's1', items: [] }]);
  });

  it('asks again after a lost connection, with what is known by then', () => {
    const { socket, client } = connected();
    let seq = 3;
    client.subscribe(() => ({ topic: 'process', process_id: 'p', after: { p: seq } }), vi.fn());
    seq = 9;
    socket.drop();
    socket.sent = [];
    socket.open();
    expect(socket.sent).toEqual([{ type: 'subscribe', id: 's1', topic: 'process', process_id: 'p', after: { p: 9 } }]);
  });

  it('is stale from the loss until every subscription has answered', () => {
    const { socket, client } = connected();
    client.subscribe(() => ({ topic: 'workers' }), vi.fn());
    client.subscribe(() => ({ topic: 'processes', ids: ['a'] }), vi.fn());
    socket.say({ type: 'pools', id: 's1', items: [] });
    socket.say({ type: 'rows', id: 's2', items: [] });
    expect(client.state.getState()).toEqual({ phase: 'live', lostAt: undefined });
    socket.drop();
    expect(client.state.getState().phase).toBe('lost');
    socket.open();
    expect(client.state.getState().phase).toBe('catching_up');
    socket.say({ type: 'pools', id: 's1', items: [] });
    expect(client.state.getState().phase).toBe('catching_up');
    socket.say({ type: 'rows', id: 's2', items: [] });
    expect(client.state.getState()).toEqual({ phase: 'live', lostAt: undefined });
  });

  it('keeps the moment of the first loss while it tries again', () => {
    vi.useFakeTimers({ now: 1000 });
    try {
      const { socket, client } = connected();
      socket.drop();
      vi.setSystemTime(9000);
      socket.drop();
      expect(client.state.getState()).toEqual({ phase: 'lost', lostAt: 1000 });
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops hearing what nobody wants any more', () => {
    const { socket, client } = connected();
    const listener = vi.fn();
    const handle = client.subscribe(() => ({ topic: 'workers' }), listener);
    handle.close();
    socket.say({ type: 'pools', id: 's1', items: [] });
    expect(listener).not.toHaveBeenCalled();
    expect(socket.sent.at(-1)).toEqual({ type: 'unsubscribe', id: 's1' });
  });

  it('drops a frame that it cannot read', () => {
    const { socket, client } = connected();
    const listener = vi.fn();
    client.subscribe(() => ({ topic: 'workers' }), listener);
    socket.say('nonsense');
    expect(listener).not.toHaveBeenCalled();
  });

  it('gives up a connection that is open but dumb', () => {
    vi.useFakeTimers();
    try {
      const { socket } = connected();
      vi.advanceTimersByTime(30_000);
      expect(socket.sent).toContainEqual({ type: 'ping' });
      expect(socket.reconnects).toBe(0);
      vi.advanceTimersByTime(30_000);
      expect(socket.reconnects).toBeGreaterThan(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
