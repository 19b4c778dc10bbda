// Durations as people read them: precise when short, coarse when long.
import type { TFunction } from 'i18next';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A limit as a person set it: whole units stand alone, "15 min", "1 d", "1 h 30 min". */
export function formatPeriod(ms: number, t: TFunction, language: string): string {
  if (ms >= day && ms % day === 0) return t('common:period.d', { d: ms / day });
  if (ms >= hour && ms < day && ms % hour === 0) return t('common:period.h', { h: ms / hour });
  if (ms >= minute && ms < hour && ms % minute === 0) return t('common:period.min', { m: ms / minute });
  return formatDuration(ms, t, language);
}

/** Words and numbers in the user's language: "182 ms", "2.1 s", "3 min 08 s". */
export function formatDuration(ms: number, t: TFunction, language: string): string {
  const value = Math.max(0, ms);
  if (value < second) return t('common:duration.ms', { n: Math.round(value) });
  if (value < minute) {
    const digits = value < 10 * second ? 1 : 0;
    const seconds = Math.floor((value / second) * 10 ** digits) / 10 ** digits;
    return t('common:duration.s', { n: seconds.toLocaleString(language, { maximumFractionDigits: digits }) });
  }
  if (value < hour) {
    return t('common:duration.min', { m: Math.floor(value / minute), s: pad(Math.floor((value % minute) / second)) });
  }
  if (value < day) {
    return t('common:duration.h', { h: Math.floor(value / hour), m: pad(Math.floor((value % hour) / minute)) });
  }
  return t('common:duration.d', { d: Math.floor(value / day), h: Math.floor((value % day) / hour) });
}

/** For narrow columns: "0.2 s" below a minute, then "3:08", "1:02:05". */
export function formatClock(ms: number, t: TFunction, language: string): string {
  const value = Math.max(0, ms);
  if (value < minute) return formatDuration(value, t, language);
  const h = Math.floor(value / hour);
  const m = Math.floor((value % hour) / minute);
  const s = Math.floor((value % minute) / second);
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
