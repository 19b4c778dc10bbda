// The draft as the page opens it. Reading begins with the way to the page, while the page itself is still being fetched.

import { readDraft, type Draft } from '@/shared/api/definitions';

import { callRoll } from '../presence/roll-call';

export interface Opening {
  draft: Draft;
  /** The tabs of this browser that have the draft open. */
  living: ReadonlySet<string>;
}

/** An answer older than this may be older than the draft: whoever waited so long asks again. */
const FRESH_MS = 5000;

let ahead: { key: string; begun: number; reading: Promise<Opening> } | undefined;

async function read(key: string, signal?: AbortSignal): Promise<Opening> {
  const [draft, living] = await Promise.all([readDraft(key, signal), callRoll(key)]);
  return { draft, living };
}

/** Begins to read for the page that opens next. */
export function readAhead(key: string): void {
  const reading = read(key);
  // The page asks again and shows what is wrong.
  reading.catch(() => undefined);
  ahead = { key, begun: performance.now(), reading };
}

/** What was begun for this visit, once; else it is read now. */
export function readOpening(key: string, signal: AbortSignal): Promise<Opening> {
  const begun = ahead;
  ahead = undefined;
  if (begun?.key !== key || performance.now() - begun.begun > FRESH_MS) return read(key, signal);
  return begun.reading.catch(() => read(key, signal));
}
