// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { SavedDraft } from '@/shared/api/definitions';
import { ApiError } from '@/shared/api/problem';
import { setTitle } from '@/shared/graph/edit';
import { line } from '@/shared/graph/testing';
import type { GraphDocument } from '@/shared/graph/types';

import { createDesignerStore } from './designer-store';
import { DraftKeeper } from './draft-keeper';
import { leftDrafts, localDrafts } from './local-drafts';

function setUp(save: (doc: GraphDocument, revision: number) => Promise<SavedDraft>) {
  const store = createDesignerStore(line());
  const drafts = localDrafts('document-check', 'tab-1', window.localStorage);
  const { doc } = store.getState();
  const keeper = new DraftKeeper({ store, drafts, save, initial: { document: doc, revision: 4, updatedAt: '2026-11-23T10:00:00Z', issues: [] } });
  keeper.start();
  const type = (title: string): void => {
    const { doc: current, edit } = store.getState();
    edit({ label: { key: 'step.rename' }, doc: setTitle(current, 'check', title) });
  };
  return { store, drafts, keeper, type };
}

const answer = (revision: number): Promise<SavedDraft> => Promise.resolve({ revision, updated_at: '2026-11-23T10:01:00Z', issues: [] });

describe('the keeper of a draft', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    window.localStorage.clear();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('saves once, 1.5 s after the last change, with the revision it has', async () => {
    const save = vi.fn((_doc: GraphDocument, revision: number) => answer(revision + 1));
    const { keeper, type, drafts } = setUp(save);
    type('A');
    await vi.advanceTimersByTimeAsync(1000);
    type('AB');
    expect(keeper.state.getState().phase).toBe('dirty');
    expect(drafts.read()?.revision).toBe(4);
    await vi.advanceTimersByTimeAsync(1400);
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(save).toHaveBeenCalledTimes(1);
    expect(save.mock.calls[0]?.[1]).toBe(4);
    expect(keeper.state.getState()).toMatchObject({ phase: 'saved', revision: 5 });
    expect(drafts.read()).toBeUndefined();
  });

  it('remembers what is on its way, as the page may go away before the answer', async () => {
    const save = vi.fn(() => new Promise<SavedDraft>(() => undefined));
    const { type, drafts, store } = setUp(save);
    type('A');
    await vi.advanceTimersByTimeAsync(1600);
    const { doc: sent } = store.getState();
    expect(drafts.read()).toMatchObject({ revision: 4, document: sent, sent });
    type('AB');
    expect(drafts.read()).toMatchObject({ revision: 4, document: store.getState().doc, sent });
  });

  it('saves again what was typed while it saved', async () => {
    let finish: (saved: SavedDraft) => void = () => undefined;
    const save = vi.fn((_doc: GraphDocument, revision: number) =>
      revision === 4
        ? new Promise<SavedDraft>((resolve) => {
            finish = resolve;
          })
        : answer(revision + 1),
    );
    const { keeper, type, drafts } = setUp(save);
    type('A');
    await vi.advanceTimersByTimeAsync(1500);
    type('AB');
    finish({ revision: 5, updated_at: '2026-11-23T10:01:00Z' });
    await vi.advanceTimersByTimeAsync(10);
    expect(keeper.state.getState().phase).toBe('dirty');
    expect(drafts.read()?.revision).toBe(5);
    await vi.advanceTimersByTimeAsync(1600);
    expect(save.mock.calls.map((call) => call[1])).toEqual([4, 5]);
    expect(keeper.state.getState()).toMatchObject({ phase: 'saved', revision: 6 });
  });

  it('keeps the work here while the server is away, and tries again', async () => {
    let away = true;
    const save = vi.fn((_doc: GraphDocument, revision: number) => (away ? Promise.reject(new ApiError({ status: 0 })) : answer(revision + 1)));
    const { keeper, type, drafts } = setUp(save);
    type('A');
    await vi.advanceTimersByTimeAsync(1500);
    expect(keeper.state.getState().phase).toBe('offline');
    expect(drafts.read()?.document.nodes[1]?.title).toBe('A');
    await vi.advanceTimersByTimeAsync(2000);
    expect(save).toHaveBeenCalledTimes(2);
    away = false;
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(1);
    expect(keeper.state.getState().phase).toBe('saved');
  });

  it('overwrites nothing that somebody else saved, and saves no more until that is settled', async () => {
    const save = vi.fn(() => Promise.reject<SavedDraft>(new ApiError({ status: 412, code: 'draft.conflict' })));
    const { keeper, type, drafts } = setUp(save);
    type('mine');
    await vi.advanceTimersByTimeAsync(1500);
    expect(keeper.state.getState().phase).toBe('conflict');
    type('mine too');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(1);
    expect(await keeper.flush()).toBe(false);
    expect(drafts.read()?.document.nodes[1]?.title).toBe('mine too');
  });

  it('shows what the server refuses, and tries again with the next change', async () => {
    const refusal = new ApiError({ status: 422, code: 'invalid', issues: [{ code: 'document.too_large', message: 'too large' }] });
    let refuse = true;
    const save = vi.fn((_doc: GraphDocument, revision: number) => (refuse ? Promise.reject(refusal) : answer(revision + 1)));
    const { keeper, type } = setUp(save);
    type('A');
    await vi.advanceTimersByTimeAsync(1500);
    expect(keeper.state.getState()).toMatchObject({ phase: 'refused', issues: [{ code: 'document.too_large' }] });
    refuse = false;
    type('B');
    await vi.advanceTimersByTimeAsync(1500);
    expect(keeper.state.getState().phase).toBe('saved');
  });

  it('needs no saving after an undo to what the server has', async () => {
    const save = vi.fn((_doc: GraphDocument, revision: number) => answer(revision + 1));
    const { store, keeper, type } = setUp(save);
    type('A');
    store.getState().undo();
    await vi.advanceTimersByTimeAsync(5000);
    expect(save).not.toHaveBeenCalled();
    expect(keeper.state.getState().phase).toBe('saved');
  });

  it('saves what is left when the page goes', async () => {
    const save = vi.fn((_doc: GraphDocument, revision: number) => answer(revision + 1));
    const { keeper, type } = setUp(save);
    type('A');
    keeper.stop();
    await vi.advanceTimersByTimeAsync(1);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('saves nothing while another tab edits, and what it has once it may again', async () => {
    const save = vi.fn((_doc: GraphDocument, revision: number) => answer(revision + 1));
    const { keeper, type, drafts } = setUp(save);
    type('A');
    keeper.hold(true);
    expect(keeper.state.getState().phase).toBe('held');
    type('AB');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).not.toHaveBeenCalled();
    expect(await keeper.flush()).toBe(false);
    expect(drafts.read()?.revision).toBe(4);
    keeper.hold(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(save).toHaveBeenCalledTimes(1);
    expect(keeper.state.getState()).toMatchObject({ phase: 'saved', revision: 5 });
  });

  it('keeps what was changed while a save was under way as the lock went', async () => {
    let finish: (saved: SavedDraft) => void = () => undefined;
    const { keeper, type, drafts, store } = setUp(() => new Promise((resolve) => (finish = resolve)));
    type('A');
    await vi.advanceTimersByTimeAsync(1600);
    type('AB');
    keeper.hold(true);
    finish({ revision: 5, updated_at: '2026-11-23T10:01:00Z', issues: [] });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(keeper.state.getState()).toMatchObject({ phase: 'held', revision: 5 });
    expect(drafts.read()).toMatchObject({ document: store.getState().doc, revision: 5 });
  });
});

describe('drafts in this browser', () => {
  it('are those of one tab each; what a tab left behind is found, newest first', () => {
    window.localStorage.clear();
    vi.useFakeTimers({ now: 1000 });
    localDrafts('check', 'gone', window.localStorage).keep(line(), 1);
    vi.setSystemTime(2000);
    localDrafts('check', 'newer', window.localStorage).keep(line(), 2);
    localDrafts('check', 'alive', window.localStorage).keep(line(), 3);
    localDrafts('check-two', 'gone', window.localStorage).keep(line(), 4);
    window.localStorage.setItem('taskurotta-draft:check:broken', '{"revision":1}');
    vi.useRealTimers();
    expect(leftDrafts('check', new Set(['alive']), window.localStorage).map(({ tab, draft }) => [tab, draft.revision])).toEqual([['newer', 2], ['gone', 1]]);
    localDrafts('check', 'newer', window.localStorage).forget();
    expect(leftDrafts('check', new Set(['alive']), window.localStorage)).toHaveLength(1);
  });
});
