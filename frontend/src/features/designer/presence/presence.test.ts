// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import type { DraftMessage, Seat } from '@/shared/live/messages';

import { follow, lockOf } from './lock';
import { answerRoll, callRoll } from './roll-call';
import { takeTabId } from './tab-id';

const seat = (tab: string, more: Partial<Seat> = {}): Seat => ({ tab, login: tab, name: '', since: '2026-11-26T12:00:00Z', editing: false, heir: false, ...more });
const draft = (...seats: Seat[]): DraftMessage => ({ type: 'draft', id: 's1', definition: 'check', revision: 3, updated_at: '', updated_by: 'ann', latest: 1, seats });

describe('lockOf', () => {
  it('tells whose turn it is', () => {
    expect(lockOf(undefined, 'me')).toEqual({ state: 'unknown' });
    expect(lockOf(draft(seat('me'), seat('you')), 'me')).toEqual({ state: 'free' });
    expect(lockOf(draft(seat('me', { editing: true }), seat('you')), 'me')).toEqual({ state: 'mine' });
    const asking = seat('you', { heir: true });
    expect(lockOf(draft(seat('me', { editing: true }), asking), 'me')).toEqual({ state: 'mine', heir: asking });
    const editor = seat('me', { editing: true });
    expect(lockOf(draft(editor, asking), 'you')).toEqual({ state: 'theirs', seat: editor, asked: true });
  });
});

describe('follow', () => {
  const theirs = lockOf(draft(seat('you', { editing: true })), 'me');
  const mine = lockOf(draft(seat('me', { editing: true })), 'me');
  const now = { told: 4, known: 3, dirty: false, saving: false };

  it('shows a reader what was saved, and leaves what the reader has not saved alone', () => {
    expect(follow({ ...now, lock: theirs })).toBe('show');
    expect(follow({ ...now, lock: theirs, dirty: true })).toBe('nothing');
  });

  it('never takes an editor unawares', () => {
    expect(follow({ ...now, lock: mine })).toBe('take');
    expect(follow({ ...now, lock: mine, dirty: true })).toBe('ask');
    expect(follow({ ...now, lock: { state: 'unknown' }, dirty: true })).toBe('ask');
  });

  it('does nothing about what it knows or has just sent itself', () => {
    expect(follow({ ...now, lock: mine, told: 3 })).toBe('nothing');
    expect(follow({ ...now, lock: mine, saving: true })).toBe('nothing');
  });
});

describe('takeTabId', () => {
  it('is the same after a reload and another one in a duplicate', () => {
    const page = new EventTarget();
    sessionStorage.clear();
    const id = takeTabId(sessionStorage, page);
    expect(takeTabId(sessionStorage, new EventTarget()), 'a duplicate copies the storage of an open page').not.toBe(id);
    page.dispatchEvent(new Event('pagehide'));
    expect(takeTabId(sessionStorage, new EventTarget())).toBe(id);
    sessionStorage.clear();
  });
});

describe('the roll call', () => {
  it('is answered by the tabs that have the same draft open', async () => {
    const stops = [answerRoll('check', 'a'), answerRoll('check', 'b'), answerRoll('other', 'c')];
    expect([...(await callRoll('check'))].sort()).toEqual(['a', 'b']);
    stops[1]?.();
    expect([...(await callRoll('check'))]).toEqual(['a']);
    stops.forEach((stop) => {
      stop();
    });
  });
});
