import type { TFunction } from 'i18next';

const units = ['b', 'kb', 'mb', 'gb'] as const;

/** A file's size: "948 B", "48 KB", "1.2 MB". */
export function formatSize(bytes: number, t: TFunction, language: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return t(`common:size.${units[unit] ?? 'b'}`, { n: value.toLocaleString(language, { maximumFractionDigits: digits }) });
}
