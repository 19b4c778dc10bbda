// Newcomers are asked once whether they want to be shown around.

import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession, useUi } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import { rememberTour, tourSeen } from '../store/tour-seen';
import classes from './panel.module.css';

export function TourOffer() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const [declined, setDeclined] = useState(tourSeen);
  const running = useUi((state) => state.tour !== undefined);
  if (context.readOnly || declined || running || tourSeen()) return null;
  return (
    <section className={classes.offer} data-testid="tour-offer">
      <b>{t('tour.offer')}</b>
      <p className={classes.note}>{t('tour.offer_text')}</p>
      <Group gap={6}>
        <Button
          onClick={() => {
            actionById('tour').run(context);
          }}
        >
          {t('tour.take')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            rememberTour();
            setDeclined(true);
          }}
        >
          {t('tour.decline')}
        </Button>
      </Group>
    </section>
  );
}
