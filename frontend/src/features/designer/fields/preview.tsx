// The result of a value on the data of the last run, worked out by the server's own engine. Grey without data, never red.

import { useDebouncedValue } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';

import type { Json, Value } from '@/shared/graph/types';

import { usePreview } from '../hooks/use-preview';
import classes from './field-frame.module.css';

function shortText(value: Json | undefined, bytes: (size: number) => string): string {
  if (value === undefined) return '—';
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value.$file === 'string') {
    const size = typeof value.size === 'number' ? ` · ${bytes(value.size)}` : '';
    return `${typeof value.name === 'string' ? value.name : value.$file}${size}`;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 240 ? `${text.slice(0, 240)}…` : text;
}

export function Preview({ node, value }: { node: string; value: Value }) {
  const { t, i18n } = useTranslation('designer');
  const [settled] = useDebouncedValue(value, 400);
  const preview = usePreview(node, settled);
  const bytes = (size: number): string =>
    size < 1024 ? t('unit.bytes', { count: size }) : t('unit.kilobytes', { number: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 }).format(size / 1024) });
  switch (preview.state) {
    case 'none':
      return null;
    case 'no_data':
      return <p className={classes.preview}>{t('field.no_data')}</p>;
    case 'error':
      return (
        <p className={classes.preview} data-wrong>
          {preview.message}
        </p>
      );
    case 'result':
      return (
        <p className={classes.preview} data-ok data-testid="preview">
          → {shortText(preview.result, bytes)}
        </p>
      );
  }
}
