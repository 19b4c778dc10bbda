import { Collapse, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, take } from '@/shared/api/client';
import type { TaskError } from '@/shared/api/types';
import { AnchorLink } from '@/shared/ui/anchor-link';

import classes from './error-card.module.css';

interface ErrorCardProps {
  error: Pick<TaskError, 'code' | 'message'> & Partial<TaskError>;
  process: { definition: string };
}

const countedAtMost = 100;

/** The code, what it says, who else has it. */
export function ErrorCard({ error, process }: ErrorCardProps) {
  const { t } = useTranslation('process');
  const [open, setOpen] = useState(false);
  const same = useQuery({
    queryKey: ['same-error', process.definition, error.code],
    queryFn: ({ signal }) =>
      take(
        api.GET('/processes', {
          params: { query: { definition: process.definition, error_code: error.code, limit: countedAtMost } }, signal,
        }),
      ),
    staleTime: 60_000,
  });
  const count = same.data?.items.length ?? 0;
  return (
    <div className={classes.card} role="group" aria-label={error.code} data-testid="error-card">
      <b className={classes.code}>{error.code}</b>
      <div className={classes.message}>{error.message}</div>
      {error.class && <div className={classes.sub}>{t(`error_class.${error.class}`)}</div>}
      {count > 1 && (
        <div className={classes.sub}>
          {same.data?.next_cursor ? t('details.same_error_above', { n: count }) : t('details.same_error', { count })}
          {' · '}
          <AnchorLink to="/processes" search={{ definition: process.definition, error_code: error.code }} inherit c="inherit" underline="always">
            {t('details.show_group')}
          </AnchorLink>
        </div>
      )}
      {error.stack && (
        <>
          <UnstyledButton
            className={classes.more}
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
          >
            <IconChevronRight size={13} className={classes.chevron} data-open={open || undefined} /> {t('details.stack')}
          </UnstyledButton>
          <Collapse expanded={open}>
            <pre className={classes.stack}>{error.stack}</pre>
          </Collapse>
        </>
      )}
    </div>
  );
}
