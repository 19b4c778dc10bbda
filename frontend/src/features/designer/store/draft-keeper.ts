// Keeps the draft: on the server 1.5 s after the last change, and in this browser until the server has it. What somebody
// else saved meanwhile is never overwritten: the server refuses, and the person decides.

import { createStore, type StoreApi } from 'zustand/vanilla';

import type { SavedDraft } from '@/shared/api/definitions';
import { ApiError, type Issue } from '@/shared/api/problem';
import type { GraphDocument } from '@/shared/graph/types';

import type { DesignerStore } from './designer-store';
import type { LocalDrafts } from './local-drafts';

/** "held": another tab edits; what is not saved yet stays in this browser. */
export type SavePhase = 'saved' | 'dirty' | 'saving' | 'offline' | 'conflict' | 'refused' | 'held';

export interface DraftState {
  phase: SavePhase;
  revision: number;
  savedAt: string;
  /** The document that the server has. */
  saved: GraphDocument;
  issues: readonly Issue[];
  /** The document that the issues were found in. */
  checked: GraphDocument;
  /** Why the server refused to keep it. */
  refusal: ApiError | undefined;
  /** Changed since the last publishing, as far as this page knows. */
  changes: number;
}

export type DraftStore = StoreApi<DraftState>;

export interface KeeperOptions {
  store: DesignerStore;
  drafts: LocalDrafts;
  save: (doc: GraphDocument, revision: number) => Promise<SavedDraft>;
  initial: { document: GraphDocument; revision: number; updatedAt: string; issues: readonly Issue[] };
  idleMs?: number;
  /** Pause before the first repeated try; it doubles up to 30 s. */
  retryMs?: number;
}

const MAX_RETRY_MS = 30_000;

function isAway(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500;
}

export class DraftKeeper {
  readonly state: DraftStore;
  readonly #options: Required<KeeperOptions>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #sent: GraphDocument | undefined;
  #unsubscribe: (() => void) | undefined;
  #held = false;

  constructor(options: KeeperOptions) {
    this.#options = { idleMs: 1500, retryMs: 2000, ...options };
    const { document, revision, updatedAt, issues } = options.initial;
    this.state = createStore<DraftState>()(() => ({
      phase: 'saved',
      revision,
      savedAt: updatedAt,
      saved: document,
      issues,
      checked: document,
      refusal: undefined,
      changes: 0,
    }));
  }

  start(): void {
    if (this.#unsubscribe !== undefined) return;
    let last = this.#options.store.getState().doc;
    if (last !== this.state.getState().saved) this.#changed();
    this.#unsubscribe = this.#options.store.subscribe(({ doc }) => {
      if (doc === last) return;
      last = doc;
      this.#changed();
    });
    window.addEventListener('online', this.#now);
    document.addEventListener('visibilitychange', this.#hidden);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    window.removeEventListener('online', this.#now);
    document.removeEventListener('visibilitychange', this.#hidden);
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      void this.flush();
    }
  }

  /** Saves at once what is not saved; resolves when the server has it or can't take it now. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#running !== undefined) await this.#running;
    const { phase, saved } = this.state.getState();
    if (phase === 'conflict') return false;
    if (this.#held) return saved === this.#options.store.getState().doc;
    if (saved === this.#options.store.getState().doc) return true;
    this.#running = this.#save().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
    return this.state.getState().saved === this.#options.store.getState().doc;
  }

  /** Goes on from what the server has now, after a conflict was settled. */
  adopt(document: GraphDocument, revision: number, updatedAt: string, issues: readonly Issue[]): void {
    this.#failures = 0;
    this.state.setState({ phase: 'saved', revision, savedAt: updatedAt, saved: document, issues, checked: document, refusal: undefined });
    this.#options.drafts.forget();
  }

  /** The server told what it found in a document at another occasion: publishing, or a check while typing. */
  found(issues: readonly Issue[], checked: GraphDocument): void {
    this.state.setState({ issues, checked });
  }

  conflict(): void {
    this.state.setState({ phase: 'conflict' });
  }

  /** Another tab edits: nothing is saved until this one may again. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { phase, saved } = this.state.getState();
    const clean = saved === this.#options.store.getState().doc;
    if (held && !clean && phase !== 'conflict') this.state.setState({ phase: 'held' });
    if (!held && phase === 'held') this.state.setState({ phase: clean ? 'saved' : 'dirty' });
    if (!held && !clean && phase !== 'conflict') this.#schedule(0);
  }

  readonly #now = (): void => {
    void this.flush();
  };

  readonly #hidden = (): void => {
    if (document.visibilityState === 'hidden' && this.#timer !== undefined) void this.flush();
  };

  #changed(): void {
    const { doc } = this.#options.store.getState();
    const { phase, revision, saved } = this.state.getState();
    if (doc === saved) {
      this.#options.drafts.forget();
      clearTimeout(this.#timer);
      if (phase !== 'conflict' && phase !== 'saving') this.state.setState({ phase: 'saved' });
      return;
    }
    this.#options.drafts.keep(doc, revision, this.#sent);
    if (phase === 'conflict') return;
    if (this.#held) {
      this.state.setState({ phase: 'held' });
      return;
    }
    if (phase !== 'saving') this.state.setState({ phase: phase === 'offline' ? 'offline' : 'dirty' });
    this.#schedule(this.#options.idleMs);
  }

  #schedule(after: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, after);
  }

  async #save(): Promise<void> {
    const { store, drafts, save } = this.#options;
    const { doc } = store.getState();
    const { revision } = this.state.getState();
    this.state.setState({ phase: 'saving' });
    // The page may go away before the answer comes.
    this.#sent = doc;
    drafts.keep(doc, revision, doc);
    try {
      const answer = await save(doc, revision);
      this.#failures = 0;
      this.#sent = undefined;
      const current = store.getState().doc;
      const issues = answer.issues ?? [];
      this.state.setState((state) => ({
        phase: current === doc ? 'saved' : this.#held ? 'held' : 'dirty',
        revision: answer.revision,
        savedAt: answer.updated_at,
        saved: doc,
        issues,
        checked: doc,
        refusal: undefined,
        changes: state.changes + 1,
      }));
      if (current === doc) drafts.forget();
      else {
        drafts.keep(current, answer.revision);
        if (!this.#held) this.#schedule(this.#options.idleMs);
      }
    } catch (error) {
      this.#failed(error, doc);
    }
  }

  #failed(error: unknown, doc: GraphDocument): void {
    if (error instanceof ApiError && error.status === 412) {
      this.conflict();
      return;
    }
    if (isAway(error)) {
      if (this.#held) {
        this.state.setState({ phase: 'held' });
        return;
      }
      this.state.setState({ phase: 'offline' });
      this.#failures += 1;
      this.#schedule(Math.min(this.#options.retryMs * 2 ** (this.#failures - 1), MAX_RETRY_MS));
      return;
    }
    if (error instanceof ApiError) this.state.setState({ phase: 'refused', refusal: error, issues: error.issues, checked: doc });
  }
}
