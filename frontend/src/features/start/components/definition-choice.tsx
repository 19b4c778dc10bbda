import { Button } from '@mantine/core';
import { IconChevronRight, IconSchema } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { DefinitionSummary } from '@/shared/api/types';
import { EmptyState } from '@/shared/ui/faces';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';

import classes from './definition-choice.module.css';

interface DefinitionChoiceProps {
  definitions: readonly DefinitionSummary[];
  /** The key that the address named, when no published definition has it. */
  unknown: string | undefined;
}

export function DefinitionChoice({ definitions, unknown }: DefinitionChoiceProps) {
  const { t } = useTranslation('start');
  const published = definitions.filter((definition) => definition.latest > 0);
  if (published.length === 0) {
    return (
      <EmptyState
        icon={IconSchema}
        title={t('none.title')}
        action={
          <Button component={Link} to="/definitions">
            {t('none.action')}
          </Button>
        }
      >
        {t('none.text')}
      </EmptyState>
    );
  }
  return (
    <Card title={unknown === undefined ? t('choose') : t('unknown', { key: unknown })} flush>
      {published.map((definition) => (
        <Link key={definition.key} to="/processes/new" search={{ definition: definition.key }} className={classes.row}>
          <span className={classes.tile}>
            <IconSchema size={18} stroke={1.7} />
          </span>
          <span className={classes.name}>
            <b>{definition.title}</b>
            <small>{definition.key}</small>
          </span>
          <Pill>v{definition.latest}</Pill>
          <IconChevronRight size={16} className={classes.chevron} />
        </Link>
      ))}
    </Card>
  );
}
