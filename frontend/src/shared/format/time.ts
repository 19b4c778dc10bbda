// Moments in the user's language and time zone.

export function formatTime(value: string | number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(
    new Date(value),
  );
}

export function formatDateTime(value: string | number, language: string): string {
  return new Intl.DateTimeFormat(language, {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false,
  }).format(new Date(value));
}

/** The time alone when it is today, else with the day. */
export function formatMoment(value: string | number, language: string, now: number = Date.now()): string {
  const date = new Date(value);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return formatTime(value, language);
  const sameYear = date.getFullYear() === today.getFullYear();
  return new Intl.DateTimeFormat(language, {
    day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }), hour: '2-digit', minute: '2-digit', hour12: false,
  }).format(date);
}
