// The node as the document holds it.

import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { GraphNode } from '@/shared/graph/types';

import classes from './panel.module.css';

export function NodeJson({ node }: { node: GraphNode }) {
  const { t } = useTranslation('common');
  const text = JSON.stringify(node, null, 2);
  return (
    <div style={{ position: 'relative' }}>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('action.copied') : t('action.copy')}>
            <ActionIcon style={{ position: 'absolute', right: 0, top: -4 }} aria-label={t('action.copy')} onClick={copy}>
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      <pre className={classes.json}>{text}</pre>
    </div>
  );
}
