// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Draft, SavedDraft } from '@/shared/api/definitions';
import { setTitle } from '@/shared/graph/edit';
import { line } from '@/shared/graph/testing';
import { LiveClient } from '@/shared/live/live-client';
import type { DraftMessage, Seat } from '@/shared/live/messages';
import { FakeSocket } from '@/shared/testing/fake-socket';

import { createDesignerStore } from '../store/designer-store';
import { DraftKeeper } from '../store/draft-keeper';
import { localDrafts } from '../store/local-drafts';
import { DraftPresence } from './draft-presence';

const seat = (tab: string, more: Partial<Seat> = {}): Seat => ({ tab, login: tab, name: '', since: '2026-11-26T12:00:00Z', editing: false, heir: false, ...more });

function setUp() {
  const socket = new FakeSocket();
  const client = new LiveClient(() => socket);
  client.start();
  socket.open();
  const store = createDesignerStore(line());
  const initial = { document: store.getState().doc, revision: 1, updatedAt: '', issues: [] };
  const save = vi.fn((_doc: unknown, revision: number): Promise<SavedDraft> => Promise.resolve({ revision: revision + 1, updated_at: '' }));
  const keeper = new DraftKeeper({ store, drafts: localDrafts('check', 'me', window.localStorage), save, initial });
  keeper.start();
  const theirs: Draft = { document: setTitle(line(), 'check', 'Theirs'), revision: 5, updated_at: '', updated_by: 'you' };
  const read = vi.fn(() => Promise.resolve(theirs));
  const onTaken = vi.fn();
  const presence = new DraftPresence({ definition: 'check', tab: 'me', store, keeper, mayEdit: true, read, onTaken, onPublished: vi.fn() });
  presence.start(client);
  const hear = (revision: number, ...seats: Seat[]): void => {
    const message: DraftMessage = { type: 'draft', id: 's1', definition: 'check', revision, updated_at: '', updated_by: '', latest: 0, seats };
    socket.say(message);
  };
  const type = (title: string): void => {
    store.getState().edit({ label: { key: 'step.rename' }, doc: setTitle(store.getState().doc, 'check', title) });
  };
  const title = () => store.getState().doc.nodes.find((node) => node.id === 'check')?.title;
  return { socket, store, keeper, save, read, onTaken, presence, hear, type, title };
}

const mine = seat('me', { editing: true });
const yours = seat('you', { editing: true });

describe('a draft that several have open', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    window.localStorage.clear();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is handed over with everything saved', async () => {
    const { socket, hear, type, save, presence } = setUp();
    expect(socket.sent.at(-1)).toEqual({ type: 'subscribe', id: 's1', topic: 'draft', definition: 'check', tab: 'me', edit: true });
    hear(1, mine, seat('you'));
    type('Last words');
    hear(1, mine, seat('you', { heir: true }));
    await vi.advanceTimersByTimeAsync(1);
    expect(save).toHaveBeenCalledTimes(1);
    expect(socket.sent.at(-1)).toEqual({ type: 'let_go', id: 's1' });
    hear(2, seat('me'), yours);
    expect(presence.state.getState().lock).toMatchObject({ state: 'theirs' });
    presence.takeOver();
    expect(socket.sent.at(-1)).toEqual({ type: 'take_over', id: 's1' });
  });

  it('shows a reader what is saved, without a trace in the history', async () => {
    const { hear, store, keeper, title, onTaken } = setUp();
    hear(1, seat('me'), yours);
    hear(5, seat('me'), yours);
    await vi.advanceTimersByTimeAsync(1);
    expect(title()).toBe('Theirs');
    expect(store.getState().history.past).toEqual([]);
    expect(keeper.state.getState()).toMatchObject({ phase: 'saved', revision: 5 });
    expect(onTaken).not.toHaveBeenCalled();
  });

  it('lets an editor without changes undo what came from elsewhere', async () => {
    const { hear, store, title, onTaken } = setUp();
    hear(5, mine);
    await vi.advanceTimersByTimeAsync(1);
    expect(title()).toBe('Theirs');
    expect(onTaken).toHaveBeenCalledWith('you');
    store.getState().undo();
    expect(title()).toBe('Check');
  });

  it('asks an editor with changes, and overwrites nothing', async () => {
    const { hear, type, title, keeper, save, read } = setUp();
    hear(1, mine);
    type('Mine');
    hear(5, mine);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keeper.state.getState().phase).toBe('conflict');
    expect(title()).toBe('Mine');
    expect(save).not.toHaveBeenCalled();
    expect(read).not.toHaveBeenCalled();
  });

  it('keeps what a tab had not saved when it lost its turn, and settles it when the turn comes back', async () => {
    const { hear, type, title, keeper, save } = setUp();
    hear(1, mine);
    type('Mine');
    hear(1, seat('me'), yours);
    hear(5, seat('me'), yours);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keeper.state.getState().phase).toBe('held');
    expect(title()).toBe('Mine');
    expect(localDrafts('check', 'me', window.localStorage).read()?.revision).toBe(1);
    hear(5, mine, seat('you'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keeper.state.getState().phase).toBe('conflict');
    expect(save).not.toHaveBeenCalled();
  });

  it('takes a turn that nobody has, after a while', async () => {
    const { hear, socket } = setUp();
    hear(1, seat('me'), yours);
    hear(1, seat('me'));
    await vi.advanceTimersByTimeAsync(2900);
    expect(socket.sent.filter((message) => JSON.stringify(message).includes('take_over'))).toEqual([]);
    hear(1, seat('me'), yours); // it was a reload
    await vi.advanceTimersByTimeAsync(5000);
    expect(socket.sent.filter((message) => JSON.stringify(message).includes('take_over'))).toEqual([]);
    hear(1, seat('me'));
    await vi.advanceTimersByTimeAsync(3100);
    expect(socket.sent.at(-1)).toEqual({ type: 'take_over', id: 's1' });
  });

  it('leaves its seat when the page goes away', () => {
    const { socket, presence } = setUp();
    window.dispatchEvent(new Event('pagehide'));
    expect(socket.sent.at(-1)).toEqual({ type: 'unsubscribe', id: 's1' });
    presence.stop();
  });
});
