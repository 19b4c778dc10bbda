import { Avatar, Group, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { changeLanguage, isLanguage, languages } from '@/shared/i18n/i18n';
import { useMe } from '@/shared/session/me';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';

const schemes = ['light', 'dark', 'auto'] as const;

export function ProfileCard() {
  const { t, i18n } = useTranslation('settings');
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Card>
      <Stack gap="lg">
        <Group gap="md">
          <Avatar name={me.name || me.login} color="accent" size={48} radius={48} />
          <div>
            <Text fw={600}>{me.name || me.login}</Text>
            <Group gap={6} mt={4}>
              <Text size="sm" c="dimmed">
                {me.login}
              </Text>
              {me.roles.map((role) => (
                <Pill key={role}>{t(`role.${role}`)}</Pill>
              ))}
            </Group>
          </div>
        </Group>
        <Group gap="xl">
          <Stack gap={6}>
            <Text size="sm">{t('common:language.label')}</Text>
            <SegmentedControl
              size="xs"
              aria-label={t('common:language.label')}
              value={i18n.language}
              onChange={(value) => {
                if (isLanguage(value)) void changeLanguage(value);
              }}
              data={languages.map((language) => ({ value: language, label: t(`common:language.${language}`) }))}
            />
          </Stack>
          <Stack gap={6}>
            <Text size="sm">{t('common:theme.label')}</Text>
            <SegmentedControl
              size="xs"
              aria-label={t('common:theme.label')}
              value={colorScheme}
              onChange={(value) => {
                setColorScheme(schemes.find((scheme) => scheme === value) ?? 'auto');
              }}
              data={schemes.map((scheme) => ({ value: scheme, label: t(`common:theme.${scheme}`) }))}
            />
          </Stack>
        </Group>
        <Text size="xs" c="dimmed">
          {t('version', { version: me.version })}
        </Text>
      </Stack>
    </Card>
  );
}
