// Import and export in the designer's header: the registry's actions again.

import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconDots, IconFileExport, IconFileImport, IconPhotoDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { KeyHint } from '../components/key-hint';
import { useDesigner, useSession } from '../hooks/designer-context';
import { actionById } from '../model/registry';

const ITEMS = [
  ['import', IconFileImport],
  ['export_bpmn', IconFileExport],
  ['export_json', IconFileExport],
  ['export_svg', IconPhotoDown],
  ['export_png', IconPhotoDown],
] as const;

export function InterchangeMenu() {
  const { t } = useTranslation(['designer', 'interchange']);
  const { context } = useSession();
  // What can be exported depends on whether anything is drawn.
  useDesigner((state) => state.doc.nodes.length + (state.doc.notes?.length ?? 0) > 0);
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Tooltip label={t('interchange:export.menu')}>
          <ActionIcon variant="default" size={30} aria-label={t('interchange:export.menu')} data-testid="interchange-menu">
            <IconDots size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {ITEMS.map(([id, Icon]) => (
          <Menu.Item
            key={id}
            data-testid={`interchange-${id}`}
            leftSection={<Icon size={16} />}
            rightSection={<KeyHint action={id} />}
            disabled={!actionById(id).enabled(context)}
            onClick={() => {
              actionById(id).run(context);
            }}
          >
            {t(`action.${id}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
