// Who else has this draft open, as initials in the header.

import { Avatar, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';

import type { Seat } from '@/shared/live/messages';
import { useMe } from '@/shared/session/me';

import { useSession } from '../hooks/designer-context';
import classes from './presence.module.css';
import { seatName } from './seat-name';

const MOST = 4;

export function PresenceAvatars() {
  const { t } = useTranslation('presence');
  const { presence, tab } = useSession();
  const me = useMe();
  const draft = useStore(presence.state, (state) => state.draft);
  const others = (draft?.seats ?? []).filter((seat) => seat.tab !== tab);
  if (others.length === 0) return null;
  const words = (seat: Seat): string => {
    const name = seat.login === me.login ? t('you_elsewhere') : seatName(seat);
    return seat.editing ? t('edits', { name }) : t('looks', { name });
  };
  return (
    <Avatar.Group spacing={6} data-testid="presence" aria-label={t('label')}>
      {others.slice(0, MOST).map((seat) => (
        <Tooltip key={seat.tab} label={words(seat)}>
          <span className={classes.seat} data-editing={seat.editing || undefined} role="img" aria-label={words(seat)}>
            <Avatar size={28} radius="xl" name={seatName(seat)} color="initials" variant="filled" />
            {seat.editing && (
              <span className={classes.pencil}>
                <IconPencil size={10} stroke={2.5} />
              </span>
            )}
          </span>
        </Tooltip>
      ))}
      {others.length > MOST && <Avatar size={28}>+{others.length - MOST}</Avatar>}
    </Avatar.Group>
  );
}
