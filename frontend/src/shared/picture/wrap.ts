// Lines of a text that fit a width.

export type Measure = (text: string, font: Font) => number;

export interface Font {
  size: number;
  weight: number;
  mono?: boolean;
}

const MORE = '…';

/** At most so many lines; what does not fit ends in "…". Words that are too long are broken. */
export function wrap(text: string, width: number, most: number, font: Font, measure: Measure): string[] {
  const lines: string[] = [];
  const fits = (line: string): boolean => measure(line, font) <= width;
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of pieces(paragraph.trim(), fits)) {
      const longer = line === '' ? word : `${line}${word.startsWith(GLUED) ? '' : ' '}${bare(word)}`;
      if (line === '' || fits(bare(longer))) line = bare(longer);
      else {
        lines.push(line);
        line = bare(word);
      }
    }
    lines.push(line);
    if (lines.length > most) break;
  }
  if (lines.length <= most) return lines;
  const last = lines[most - 1] ?? '';
  return [...lines.slice(0, most - 1), clip(`${last} ${lines[most] ?? ''}`, fits)];
}

// Marks a part of a broken word, which follows without a blank.
const GLUED = '\u0000';
const bare = (word: string): string => word.replaceAll(GLUED, '');

function pieces(paragraph: string, fits: (text: string) => boolean): string[] {
  return paragraph.split(/\s+/).flatMap((word) => {
    if (fits(word)) return [word];
    const parts: string[] = [];
    let part = '';
    for (const char of word) {
      if (part !== '' && !fits(part + char)) {
        parts.push(part);
        part = '';
      }
      part += char;
    }
    return [...parts, part].map((each, index) => (index === 0 ? each : GLUED + each));
  });
}

function clip(line: string, fits: (text: string) => boolean): string {
  const chars = Array.from(line.trim());
  while (chars.length > 0 && !fits(chars.join('') + MORE)) chars.pop();
  return chars.join('').trimEnd() + MORE;
}

/** Markdown as plain lines: a picture has no links. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^#{1,6}\s+/gm, '')
    .replace(/^\s*[-*+]\s+/gm, '• ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`)(.*?)\1/g, '$2');
}
