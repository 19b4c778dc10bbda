// Durations as people write them: "10 s", "5 min", "1.5 h", "2 d"; kept in milliseconds.

export type DurationUnit = 'ms' | 's' | 'min' | 'h' | 'd';

const UNITS: readonly [unit: DurationUnit, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
];

const NAMES: Readonly<Record<'en' | 'ru', Readonly<Record<DurationUnit, string>>>> = {
  en: { ms: 'ms', s: 's', min: 'min', h: 'h', d: 'd' },
  ru: { ms: 'мс', s: 'с', min: 'мин', h: 'ч', d: 'д' },
};

const WORDS: Readonly<Record<string, DurationUnit>> = {
  ms: 'ms', мс: 'ms',
  s: 's', sec: 's', с: 's', сек: 's',
  m: 'min', min: 'min', м: 'min', мин: 'min',
  h: 'h', hour: 'h', hours: 'h', ч: 'h', час: 'h',
  d: 'd', day: 'd', days: 'd', д: 'd', дн: 'd', дня: 'd', дней: 'd',
};

function names(language: string): Readonly<Record<DurationUnit, string>> {
  return language.startsWith('ru') ? NAMES.ru : NAMES.en;
}

/** The largest unit that says it with at most one decimal. */
export function shortDuration(ms: number, language: string): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each && Number.isInteger((ms / each) * 2)) ?? UNITS.find(([, each]) => ms >= each) ?? (['ms', 1] as const);
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(ms / size);
  return `${number} ${names(language)[unit]}`;
}

/** Milliseconds, undefined for an empty text, null for what can't be read. A bare number is seconds. */
export function parseDuration(text: string): number | undefined | null {
  const clean = text.trim().toLowerCase().replaceAll(',', '.');
  if (clean === '') return undefined;
  let total = 0;
  let rest = clean;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)\s*([a-zа-я]*)\.?\s*/.exec(rest);
    if (match === null) return null;
    const [all, number = '', word = ''] = match;
    const unit = word === '' ? 's' : WORDS[word];
    const size = UNITS.find(([name]) => name === unit)?.[1];
    if (size === undefined) return null;
    total += Number(number) * size;
    rest = rest.slice(all.length);
  }
  return Math.round(total);
}
