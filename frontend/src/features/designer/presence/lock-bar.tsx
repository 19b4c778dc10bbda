// Above the canvas: whose turn it is to edit, and what of one's own waits for it.

import { Button, Loader } from '@mantine/core';
import { IconDeviceFloppy, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';

import { readDraft } from '@/shared/api/definitions';
import { withFallbackLayout } from '@/shared/graph/fallback-layout';
import { useMay, useMe } from '@/shared/session/me';
import { Moment } from '@/shared/ui/moment';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { useDraft, useSession } from '../hooks/designer-context';
import { localDrafts } from '../store/local-drafts';
import { useKeepCopy } from '../versions/use-keep-copy';
import classes from './presence.module.css';
import { seatName } from './seat-name';

export function LockBar() {
  return (
    <div className={classes.bars}>
      <Turn />
      <Held />
      <Left />
    </div>
  );
}

function Turn() {
  const { t } = useTranslation('presence');
  const { presence } = useSession();
  const may = useMay();
  const me = useMe();
  const lock = useStore(presence.state, (state) => state.lock);
  if (!may('definition.edit')) return null;
  if (lock.state === 'mine' && lock.heir !== undefined) {
    return (
      <div className={classes.bar} role="status">
        <Loader size={14} color="currentColor" />
        <p>{t('handing_over', { name: seatName(lock.heir) })}</p>
      </div>
    );
  }
  if (lock.state !== 'theirs' && lock.state !== 'free') return null;
  const asked = lock.state === 'theirs' && lock.asked;
  const words =
    lock.state === 'free'
      ? t('free')
      : lock.seat.login === me.login
        ? t(asked ? 'asked_own' : 'own_elsewhere')
        : t(asked ? 'asked' : 'theirs', { name: seatName(lock.seat) });
  return (
    <div className={classes.bar} role="status" data-testid="lock-bar" data-lock={lock.state}>
      {asked ? <Loader size={14} color="currentColor" /> : <IconLock size={16} />}
      <p>{words}</p>
      {!asked && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            presence.takeOver();
          }}
        >
          {t(lock.state === 'free' ? 'edit' : 'take_over')}
        </Button>
      )}
    </div>
  );
}

/** Changes of this tab that the server does not have, while another one edits. */
function Held() {
  const { t } = useTranslation('presence');
  const { definition, context, keeper } = useSession();
  const held = useDraft((state) => state.phase === 'held');
  const keepCopy = useKeepCopy();
  const [asking, setAsking] = useState(false);
  if (!held) return null;
  const drop = async (): Promise<void> => {
    const draft = await readDraft(definition);
    const document = withFallbackLayout(draft.document);
    keeper.adopt(document, draft.revision, draft.updated_at, draft.issues ?? []);
    context.store.getState().replace(document);
  };
  return (
    <div className={classes.bar} role="status" data-testid="held-bar">
      <IconDeviceFloppy size={16} />
      <p>{t('held')}</p>
      <Button size="compact-sm" variant="default" loading={keepCopy.isPending} onClick={() => { keepCopy.mutate(context.store.getState().doc); }}>
        {t('keep_copy')}
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => { setAsking(true); }}>
        {t('discard')}
      </Button>
      {asking && <DiscardDialog drop={drop} onClose={() => { setAsking(false); }} />}
    </div>
  );
}

/** Work that is nowhere else is not thrown away by one click. */
function DiscardDialog({ drop, onClose }: { drop: () => Promise<unknown>; onClose: () => void }) {
  const { t } = useTranslation('presence');
  return <RemoveDialog title={t('discard_title')} text={t('discard_note')} confirm={t('discard')} remove={drop} onRemoved={onClose} onClose={onClose} />;
}

/** What other tabs of this browser left behind when they ended. */
function Left() {
  const { t } = useTranslation('presence');
  const { definition, left } = useSession();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<string>();
  const keepCopy = useKeepCopy();
  const drop = (tab: string): void => {
    localDrafts(definition, tab, window.localStorage).forget();
    setGone(new Set([...gone, tab]));
  };
  return left
    .filter(({ tab }) => !gone.has(tab))
    .map(({ tab, draft }) => (
      <div key={tab} className={classes.bar} role="status" data-testid="left-bar">
        <IconDeviceFloppy size={16} />
        <p>
          {t('left')} <Moment at={draft.at} />
        </p>
        <Button
          size="compact-sm"
          variant="default"
          loading={keepCopy.isPending}
          onClick={() => {
            keepCopy.mutate(draft.document, {
              onSuccess: () => {
                drop(tab);
              },
            });
          }}
        >
          {t('keep_copy')}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => { setAsking(tab); }}>
          {t('discard')}
        </Button>
        {asking === tab && (
          <DiscardDialog
            drop={() => {
              drop(tab);
              return Promise.resolve();
            }}
            onClose={() => { setAsking(undefined); }}
          />
        )}
      </div>
    ));
}
