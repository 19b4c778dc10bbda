// Ties one open draft to the others who have it open: hands the lock over with everything saved, follows what others save, and
// lets nothing that is here be lost on the way.

import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Draft } from '@/shared/api/definitions';
import { withFallbackLayout } from '@/shared/graph/fallback-layout';
import type { LiveClient, LiveHandle } from '@/shared/live/live-client';
import type { DraftMessage } from '@/shared/live/messages';

import type { DesignerStore } from '../store/designer-store';
import type { DraftKeeper } from '../store/draft-keeper';
import { follow, lockOf, type Lock } from './lock';

export interface PresenceState {
  draft: DraftMessage | undefined;
  lock: Lock;
}

export interface PresenceOptions {
  definition: string;
  tab: string;
  store: DesignerStore;
  keeper: DraftKeeper;
  mayEdit: boolean;
  read: () => Promise<Draft>;
  /** Somebody else's save was taken in place of a document without changes. */
  onTaken: (by: string) => void;
  /** Another version starts run. */
  onPublished: () => void;
  /** How long nobody may edit before this tab does; a reload of the one who does is shorter. */
  freeMs?: number;
}

const FREE_MS = 3000;

export class DraftPresence {
  readonly state: StoreApi<PresenceState>;
  readonly #options: PresenceOptions;
  #handle: LiveHandle | undefined;
  #stops: (() => void)[] = [];
  #free: ReturnType<typeof setTimeout> | undefined;
  #handing = false;
  #reading = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.state = createStore<PresenceState>()(() => ({ draft: undefined, lock: { state: 'unknown' } }));
  }

  start(client: LiveClient): void {
    const { definition, tab, mayEdit, keeper } = this.#options;
    this.#handle = client.subscribe(
      () => ({ topic: 'draft', definition, tab, edit: mayEdit }),
      (message) => {
        if (message.type === 'draft') this.heard(message);
        if (message.type === 'resync') this.#handle?.refresh();
      },
    );
    const closing = (): void => this.#handle?.close();
    window.addEventListener('pagehide', closing);
    document.addEventListener('visibilitychange', this.#seen);
    this.#stops = [
      keeper.state.subscribe((now, before) => {
        if (now.phase !== before.phase) this.#follow();
      }),
      () => {
        window.removeEventListener('pagehide', closing);
        document.removeEventListener('visibilitychange', this.#seen);
      },
      closing,
    ];
  }

  stop(): void {
    clearTimeout(this.#free);
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  takeOver(): void {
    this.#handle?.say('take_over');
  }

  heard(draft: DraftMessage): void {
    const { tab, keeper, mayEdit, onPublished } = this.#options;
    const before = this.state.getState().draft;
    const lock = lockOf(draft, tab);
    this.state.setState({ draft, lock });
    if (before !== undefined && before.latest !== draft.latest) onPublished();
    // What waits for its turn must not hide that the server has something else by now: that is looked at first.
    this.#follow();
    if (mayEdit) keeper.hold(lock.state === 'theirs' || lock.state === 'free');
    if (lock.state === 'mine' && lock.heir !== undefined) void this.#handOver();
    clearTimeout(this.#free);
    if (lock.state === 'free' && mayEdit) this.#free = setTimeout(this.#seen, this.#options.freeMs ?? FREE_MS);
  }

  /** Nobody edits: whoever looks at the page may. */
  readonly #seen = (): void => {
    if (this.state.getState().lock.state === 'free' && this.#options.mayEdit && document.visibilityState === 'visible') this.takeOver();
  };

  async #handOver(): Promise<void> {
    if (this.#handing) return;
    this.#handing = true;
    try {
      if (await this.#options.keeper.flush()) this.#handle?.say('let_go');
    } finally {
      this.#handing = false;
    }
  }

  #situation(): ReturnType<typeof follow> {
    const { store, keeper } = this.#options;
    const { draft, lock } = this.state.getState();
    const { phase, revision, saved } = keeper.state.getState();
    if (draft === undefined || phase === 'conflict') return 'nothing';
    return follow({ lock, told: draft.revision, known: revision, dirty: store.getState().doc !== saved, saving: phase === 'saving' });
  }

  #follow(): void {
    const what = this.#situation();
    if (what === 'ask') this.#options.keeper.conflict();
    if (what === 'show' || what === 'take') void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const { store, keeper, read, onTaken } = this.#options;
    try {
      const draft = await read();
      const document = withFallbackLayout(draft.document);
      // The answer may come late: what is here may have changed, or whose turn it is.
      const what = this.#situation();
      if ((what === 'show' || what === 'take') && draft.revision > keeper.state.getState().revision) {
        keeper.adopt(document, draft.revision, draft.updated_at, draft.issues ?? []);
        if (what === 'show') store.getState().replace(document);
        else {
          store.getState().edit({ label: { key: 'step.take_theirs' }, doc: document });
          onTaken(draft.updated_by ?? '');
        }
      }
    } catch {
      // The next message of the feed, or the next save, finds the difference again.
    } finally {
      this.#reading = false;
    }
    if (this.#situation() === 'ask') keeper.conflict();
  }
}
