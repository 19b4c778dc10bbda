import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';

import { whenUnauthorized } from '@/shared/api/client';
import { changeLanguage, isLanguage, languageWasChosen } from '@/shared/i18n/i18n';
import { meQuery, signIn } from '@/shared/session/me';
import { ErrorState } from '@/shared/ui/faces';

import { SignInPage } from './sign-in-page';

/** Takes the one-time token out of the address, so that it stays in no history and no copied link. */
export function takeToken(location: Location, history: History): string | undefined {
  const url = new URL(location.href);
  const token = url.searchParams.get('token');
  if (!token) return undefined;
  url.searchParams.delete('token');
  history.replaceState(history.state, '', url);
  return token;
}

type TokenState = 'none' | 'signing_in' | 'refused';

/** Lets only a signed-in person through; the address stays as it is, so a copied link opens after signing in. */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [token] = useState(() => takeToken(window.location, window.history));
  const [tokenState, setTokenState] = useState<TokenState>(token ? 'signing_in' : 'none');
  const me = useQuery({ ...meQuery, enabled: tokenState !== 'signing_in' });

  useEffect(() => {
    whenUnauthorized(() => {
      client.setQueryData(meQuery.queryKey, null);
    });
  }, [client]);

  useEffect(() => {
    if (!token) return;
    let current = true;
    signIn({ token }).then(
      (signedIn) => {
        client.setQueryData(meQuery.queryKey, signedIn);
        if (current) setTokenState('none');
      },
      () => {
        if (current) setTokenState('refused');
      },
    );
    return () => {
      current = false;
    };
  }, [token, client]);

  const locale = me.data?.locale;
  useEffect(() => {
    if (isLanguage(locale) && !languageWasChosen()) void changeLanguage(locale);
  }, [locale]);

  if (tokenState === 'signing_in' || me.isPending) {
    return (
      <Center h="100%">
        <Loader type="dots" />
      </Center>
    );
  }
  if (me.error) {
    return (
      <Center h="100%">
        <ErrorState error={me.error} onRetry={() => void me.refetch()} />
      </Center>
    );
  }
  if (!me.data) return <SignInPage staleLink={tokenState === 'refused'} />;
  return children;
}
