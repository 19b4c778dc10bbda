import { Button } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { EmptyState } from '@/shared/ui/faces';
import { PageHeader } from '@/shared/ui/page-header';

export function NotFoundPage() {
  const { t } = useTranslation('common');
  return (
    <>
      <PageHeader crumbs={[{ label: t('error.not_found') }]} />
      <EmptyState
        icon={IconMapOff}
        title={t('error.no_page')}
        action={
          <Button component={Link} to="/">
            {t('action.home')}
          </Button>
        }
      >
        {t('error.no_page_text')}
      </EmptyState>
    </>
  );
}
