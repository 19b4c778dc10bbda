// The definition's title, edited where it stands.

import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { renameDefinition } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';

import { useSession } from '../hooks/designer-context';
import classes from './designer-header.module.css';

export function DefinitionTitle() {
  const { t } = useTranslation('designer');
  const fault = useFaultText();
  const { definition, title, context } = useSession();
  const client = useQueryClient();
  const [typed, setTyped] = useState<string>();
  const rename = useMutation({
    mutationFn: (next: string) => renameDefinition(definition, next),
    onSuccess: () => client.invalidateQueries({ queryKey: ['definitions'], predicate: (query) => query.queryKey[1] !== 'draft' }),
    onError: (error) => {
      notifications.show({ message: fault(error), color: 'red' });
    },
    onSettled: () => {
      setTyped(undefined);
    },
  });
  const finish = (): void => {
    const next = typed?.trim() ?? '';
    if (next === '' || next === title) setTyped(undefined);
    else rename.mutate(next);
  };
  return (
    <input
      className={classes.title}
      aria-label={t('header.title')}
      value={typed ?? title}
      readOnly={context.readOnly}
      maxLength={120}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') {
          event.stopPropagation();
          setTyped(undefined);
        }
      }}
    />
  );
}
