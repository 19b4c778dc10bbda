// Finding a step by a few typed letters, in either language, also when the keyboard was left in the other layout.

const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const RUSSIAN = 'йцукенгшщзхъфывапролджэячсмитьбюё';

function swapLayout(text: string): string {
  let out = '';
  for (const char of text) {
    const latin = LATIN.indexOf(char);
    const russian = RUSSIAN.indexOf(char);
    out += latin >= 0 ? (RUSSIAN[latin] ?? char) : russian >= 0 ? (LATIN[russian] ?? char) : char;
  }
  return out;
}

function normal(text: string): string {
  return text.toLowerCase().replaceAll('ё', 'е').trim();
}

/** 0 when the letters do not occur in order; more for whole words, word beginnings and runs. */
function scoreOne(query: string, text: string): number {
  const at = text.indexOf(query);
  if (at === 0) return 100 + query.length / Math.max(1, text.length);
  if (at > 0) return (isBoundary(text, at) ? 80 : 50) + query.length / text.length;
  let score = 0;
  let position = -1;
  for (const char of query) {
    const next = text.indexOf(char, position + 1);
    if (next < 0) return 0;
    score += next === position + 1 ? 3 : isBoundary(text, next) ? 2 : 0.2;
    position = next;
  }
  const best = query.length * 3;
  return score < best * 0.5 ? 0 : (score / best) * 40;
}

function isBoundary(text: string, at: number): boolean {
  return at === 0 || /[\s._/-]/.test(text[at - 1] ?? '');
}

export function score(query: string, texts: readonly string[]): number {
  const wanted = normal(query);
  if (wanted === '') return 1;
  const other = normal(swapLayout(wanted));
  let best = 0;
  texts.forEach((text, index) => {
    const known = normal(text);
    // The first texts are names, later ones synonyms and descriptions.
    const weight = 1 - Math.min(index, 8) * 0.03;
    best = Math.max(best, scoreOne(wanted, known) * weight, scoreOne(other, known) * weight * 0.9);
  });
  return best;
}

/** What fits a query, the best first; a weight below 1 lets an item stand back behind equals. */
export function rank<T>(query: string, items: readonly T[], texts: (item: T) => readonly string[], weight: (item: T) => number = () => 1): T[] {
  return items
    .map((item, index) => ({ item, index, score: score(query, texts(item)) * weight(item) }))
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map((each) => each.item);
}
