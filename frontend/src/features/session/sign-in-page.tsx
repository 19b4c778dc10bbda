import { Alert, Button, Paper, PasswordInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconLinkOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/problem';
import { changeLanguage, isLanguage, languages } from '@/shared/i18n/i18n';
import { meQuery, signIn } from '@/shared/session/me';

import classes from './sign-in-page.module.css';

export function SignInPage({ staleLink }: { staleLink: boolean }) {
  const { t, i18n } = useTranslation('session');
  const client = useQueryClient();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me);
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    entering.mutate({ login: login.trim(), password });
  };
  return (
    <div className={classes.page}>
      <Paper component="main" className={classes.card} withBorder radius={16} p={32}>
        <form onSubmit={submit}>
          <Stack gap="md">
            <div className={classes.brand}>
              <span className={classes.logo}>T</span>
              <div>
                <h1 className={classes.title}>Taskurotta</h1>
                <Text c="dimmed" size="sm">
                  {t('subtitle')}
                </Text>
              </div>
            </div>
            {staleLink && !entering.error && (
              <Alert color="yellow" variant="light" icon={<IconLinkOff size={18} />}>
                {t('stale_link')}
              </Alert>
            )}
            {entering.error && (
              <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
                {t(refusal(entering.error))}
              </Alert>
            )}
            <TextInput
              label={t('login')}
              autoComplete="username"
              size="md"
              autoFocus
              required
              value={login}
              onChange={(event) => {
                setLogin(event.currentTarget.value);
              }}
            />
            <PasswordInput
              label={t('password')}
              autoComplete="current-password"
              size="md"
              required
              value={password}
              onChange={(event) => {
                setPassword(event.currentTarget.value);
              }}
            />
            <Button type="submit" size="md" loading={entering.isPending} mt="xs">
              {t('sign_in')}
            </Button>
          </Stack>
        </form>
      </Paper>
      <SegmentedControl
        size="xs"
        aria-label={t('language')}
        value={i18n.language}
        onChange={(value) => {
          if (isLanguage(value)) void changeLanguage(value);
        }}
        data={languages.map((language) => ({ value: language, label: t(`common:language.${language}`) }))}
      />
    </div>
  );
}

function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) return 'refused.other';
  if (error.status === 0) return 'refused.network';
  if (error.status === 429) return 'refused.too_many';
  return error.status === 401 || error.status === 403 || error.status === 422 ? 'refused.wrong' : 'refused.other';
}
