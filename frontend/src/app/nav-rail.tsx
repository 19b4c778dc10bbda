import { Avatar, Menu, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconCheck, IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconSun, type Icon,
} from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { api, take } from '@/shared/api/client';
import { changeLanguage, languages } from '@/shared/i18n/i18n';
import { useMe, useSignOut } from '@/shared/session/me';

import classes from './nav-rail.module.css';
import { placesFor } from './places';

const incidentCount = queryOptions({
  queryKey: ['incidents', 'count'],
  queryFn: async ({ signal }) => (await take(api.GET('/incident-count', { signal }))).incidents,
  refetchInterval: 5_000,
});

export function NavRail() {
  const { t, i18n } = useTranslation('common');
  const me = useMe();
  const places = placesFor(me);
  const { data: incidents = 0 } = useQuery({ ...incidentCount, enabled: me.permissions.includes('process.read') });
  return (
    <nav className={classes.rail} aria-label={t('nav.label')}>
      {places.map((place) => (
        <Tooltip key={place.to} label={t(`nav.${place.name}`)} position="right" openDelay={120}>
          <Link
            to={place.to}
            className={classes.item}
            activeProps={{ 'data-active': true }}
            activeOptions={{ exact: place.to === '/', includeSearch: false }}
            aria-label={place.name === 'incidents' && incidents > 0 ? t('nav.open_incidents', { n: incidents }) : t(`nav.${place.name}`)}
          >
            <place.icon size={20} stroke={1.7} />
            {place.name === 'incidents' && incidents > 0 && (
              <span className={classes.count} data-testid="nav-incidents">
                {incidents > 999 ? `${Math.floor(incidents / 1000).toLocaleString(i18n.language)}k` : incidents}
              </span>
            )}
          </Link>
        </Tooltip>
      ))}
      <span className={classes.grow} />
      <LanguageMenu />
      <ThemeMenu />
      <AccountMenu />
    </nav>
  );
}

function LanguageMenu() {
  const { t, i18n } = useTranslation('common');
  return (
    <Menu position="right-end" width={180}>
      <Menu.Target>
        <UnstyledButton className={classes.item} aria-label={t('language.label')}>
          <IconLanguage size={20} stroke={1.7} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('language.label')}</Menu.Label>
        {languages.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={i18n.language === language ? <IconCheck size={15} /> : undefined}
            onClick={() => void changeLanguage(language)}
          >
            {t(`language.${language}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const schemes: readonly { name: 'light' | 'dark' | 'auto'; icon: Icon }[] = [
  { name: 'light', icon: IconSun },
  { name: 'dark', icon: IconMoon },
  { name: 'auto', icon: IconDeviceDesktop },
];

function ThemeMenu() {
  const { t } = useTranslation('common');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="right-end" width={190}>
      <Menu.Target>
        <UnstyledButton className={classes.item} aria-label={t('theme.label')}>
          <IconSun size={20} stroke={1.7} className={classes.sun} />
          <IconMoon size={20} stroke={1.7} className={classes.moon} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('theme.label')}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme.name}
            leftSection={<scheme.icon size={16} stroke={1.7} />}
            rightSection={colorScheme === scheme.name ? <IconCheck size={15} /> : undefined}
            onClick={() => {
              setColorScheme(scheme.name);
            }}
          >
            {t(`theme.${scheme.name}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function AccountMenu() {
  const { t } = useTranslation('common');
  const me = useMe();
  const signOut = useSignOut();
  return (
    <Menu position="right-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={t('nav.account', { name: me.name || me.login })}>
          <Avatar name={me.name || me.login} color="accent" size={30} radius={30} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name || me.login}
          <br />
          {me.roles.join(', ')} · {me.version}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} />} onClick={() => void signOut()}>
          {t('nav.sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
