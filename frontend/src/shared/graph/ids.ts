// Names made from titles: node ids ([a-z][a-z0-9_]{0,62}) and definition keys ([a-z][a-z0-9-]{0,62}).

const CYRILLIC: Readonly<Record<string, string>> = {
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'y', к: 'k', л: 'l', м: 'm',
  н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'shch',
  ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya', і: 'i', ї: 'yi', є: 'ye', ґ: 'g',
};

const MAX_ID = 63;
const ID_PATTERN = /^[a-z][a-z0-9_]{0,62}$/;
const KEY_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;

export function isNodeId(text: string): boolean {
  return ID_PATTERN.test(text);
}

export function isDefinitionKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

export function transliterate(text: string): string {
  let out = '';
  for (const char of text.toLowerCase()) out += CYRILLIC[char] ?? char;
  return out.normalize('NFKD').replace(/\p{M}/gu, '');
}

function slug(title: string, separator: string, fallback: string): string {
  const words = transliterate(title)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let name = words.join(separator);
  if (name === '') return fallback;
  if (!/^[a-z]/.test(name)) name = `${fallback}${separator}${name}`;
  return trimEnd(name.slice(0, MAX_ID), separator);
}

function trimEnd(text: string, separator: string): string {
  return text.endsWith(separator) ? trimEnd(text.slice(0, -1), separator) : text;
}

/** A node id from a title, not among `taken`. */
export function idFromTitle(title: string, taken: ReadonlySet<string>, fallback = 'step'): string {
  return uniqueName(slug(title, '_', fallback), taken, '_');
}

/** A definition key from a title; may equal one that exists, the server answers that. */
export function keyFromTitle(title: string): string {
  return title.trim() === '' ? '' : slug(title, '-', 'process');
}

export function uniqueName(base: string, taken: ReadonlySet<string>, separator = '_'): string {
  if (!taken.has(base)) return base;
  const stem = base.replace(new RegExp(`${separator}\\d+$`), '');
  for (let n = 2; ; n++) {
    const tail = separator + String(n);
    const name = trimEnd(stem.slice(0, MAX_ID - tail.length), separator) + tail;
    if (!taken.has(name)) return name;
  }
}

/** The next free edge id: e1, e2 … */
export function nextEdgeId(taken: ReadonlySet<string>): string {
  let n = taken.size + 1;
  while (taken.has(`e${String(n)}`)) n++;
  return `e${String(n)}`;
}
