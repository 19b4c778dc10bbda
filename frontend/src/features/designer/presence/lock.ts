// Whose turn it is to edit, as the live feed tells it.

import type { DraftMessage, Seat } from '@/shared/live/messages';

export type Lock =
  /** Nothing is known: the feed has not answered. The lock is a courtesy, so one may edit; a save is refused if it must be. */
  | { state: 'unknown' }
  /** This tab edits; `heir` waits for it to let go. */
  | { state: 'mine'; heir?: Seat }
  /** Nobody edits. */
  | { state: 'free' }
  /** Somebody else does; `asked` when this tab waits to take over. */
  | { state: 'theirs'; seat: Seat; asked: boolean };

export function lockOf(draft: DraftMessage | undefined, tab: string): Lock {
  if (draft === undefined) return { state: 'unknown' };
  const editor = draft.seats.find((seat) => seat.editing);
  const heir = draft.seats.find((seat) => seat.heir);
  if (editor?.tab === tab) return { state: 'mine', ...(heir !== undefined && { heir }) };
  if (editor !== undefined) return { state: 'theirs', seat: editor, asked: heir?.tab === tab };
  return { state: 'free' };
}

/** What the page does about a draft of another revision than its own. */
export type Follow = 'nothing' | 'show' | 'take' | 'ask';

interface Situation {
  lock: Lock;
  told: number;
  known: number;
  /** There is something here that the server does not have. */
  dirty: boolean;
  saving: boolean;
}

/**
 * A reader is shown what was saved; an editor without changes takes it as a step that can be undone; whoever has changes decides.
 * A reader's changes wait for its turn.
 */
export function follow({ lock, told, known, dirty, saving }: Situation): Follow {
  if (told <= known || saving) return 'nothing';
  const reads = lock.state === 'theirs' || lock.state === 'free';
  if (dirty) return reads ? 'nothing' : 'ask';
  return reads ? 'show' : 'take';
}
