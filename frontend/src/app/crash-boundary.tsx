import { Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { IconReload } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** What someone sees when a page breaks: calm words, the message for whoever mends it, a way out. */
export function CrashPage({ error }: { error: unknown }) {
  const { t } = useTranslation('common');
  return (
    <Stack align="center" justify="center" h="100%" mih={360} gap="md" p="xl" role="alert">
      <Title order={1}>{t('error.crash')}</Title>
      <Text c="dimmed" maw={480} ta="center">
        {t('error.crash_text')}
      </Text>
      <Code block maw={640}>
        {error instanceof Error ? error.message : String(error)}
      </Code>
      <Group>
        <Button
          leftSection={<IconReload size={16} />}
          onClick={() => {
            window.location.reload();
          }}
        >
          {t('action.reload')}
        </Button>
        <Button component="a" href="/" variant="default">
          {t('action.home')}
        </Button>
      </Group>
    </Stack>
  );
}

interface State {
  error: unknown;
  broken: boolean;
}

export class CrashBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined, broken: false };

  static getDerivedStateFromError(error: unknown): State {
    return { error, broken: true };
  }

  override render() {
    return this.state.broken ? <CrashPage error={this.state.error} /> : this.props.children;
  }
}
