// What is no BPMN file, or means harm, is answered with a reason, and quickly.

import { describe, expect, it } from 'vitest';

import { MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS } from './decode';
import { UnreadableFile, type FailureCode } from './failure';
import { readBpmn } from './import';

const NS = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const START = `<definitions ${NS}><process id="p"><startEvent id="s" name="Prüfung €"/></process></definitions>`;

function utf16(value: string, little: boolean, mark: boolean): Uint8Array {
  const units = Array.from((mark ? '\ufeff' : '') + value).map((char) => char.charCodeAt(0));
  return Uint8Array.from(units.flatMap((unit) => (little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])));
}

const BOMB = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY ${'abcdefghijklmnopqrstuvw'.charAt(n + 1)} "&${'abcdefghijklmnopqrstuvw'.charAt(n)};&${'abcdefghijklmnopqrstuvw'.charAt(n)};">`).join('')}]>`;

const FILES: readonly [name: string, code: FailureCode, bytes: Uint8Array][] = [
  ['nothing', 'empty', new Uint8Array()],
  ['too many bytes', 'too_large', new Uint8Array(MAX_BYTES + 1)],
  ['an entity bomb', 'doctype', text(BOMB + START)],
  ['a document type of elsewhere', 'doctype', text(`<!DOCTYPE d SYSTEM "file:///etc/passwd">${START}`)],
  ['a picture', 'encoding_wrong', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe])],
  ['zeros', 'not_text', new Uint8Array(64)],
  ['JSON', 'not_xml', text('{"nodes":[]}')],
  ['a web page', 'doctype', text('<!DOCTYPE html><html></html>')],
  ['another XML', 'not_bpmn', text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a decision table', 'not_bpmn', text('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>')],
  ['a tag that is not closed', 'broken', text(`<definitions ${NS}><process id="p"><startEvent`)],
  ['tags that cross', 'broken', text(`<definitions ${NS}><process id="p"></definitions></process>`)],
  ['no process', 'no_process', text(`<definitions ${NS}><process id="p"/></definitions>`)],
  ['an encoding that nobody knows', 'encoding_unknown', text(`<?xml version="1.0" encoding="klingon"?>${START}`)],
  ['bytes that are not what is declared', 'encoding_wrong', Uint8Array.from([...text('<?xml version="1.0" encoding="utf-8"?><a>'), 0xff, 0xc0])],
  ['depth without end', 'too_deep', text(`<definitions ${NS}><process id="p">${'<subProcess>'.repeat(MAX_DEPTH + 5)}`)],
  ['elements without end', 'too_many', text(`<definitions ${NS}><process id="p">${'<task/>'.repeat(MAX_ELEMENTS + 5)}</process></definitions>`)],
];

describe('a file that can’t be read', () => {
  it.each(FILES)('%s is refused as %s', async (_name, code, bytes) => {
    const error: unknown = await readBpmn(bytes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreadableFile);
    expect(error).toMatchObject({ code });
  });

  it('names the line of what is broken', async () => {
    await expect(readBpmn(text(`<definitions ${NS}>\n<process id="p">\n<startEvent`))).rejects.toMatchObject({ params: { line: 3 } });
  });
});

describe('the encoding of a file', () => {
  it.each<[string, Uint8Array]>([
    ['UTF-8 without a word', text(START)],
    ['UTF-8 with a mark', text(`\ufeff${START}`)],
    ['UTF-16 with a mark, little end first', utf16(`<?xml version="1.0" encoding="UTF-16"?>${START}`, true, true)],
    ['UTF-16 with a mark, big end first', utf16(`<?xml version="1.0" encoding="UTF-16"?>${START}`, false, true)],
    ['UTF-16 without a mark', utf16(START, true, false)],
    ['UTF-8 that is declared as UTF-16', text(`<?xml version="1.0" encoding="UTF-16"?>${START}`)],
    ['ISO-8859-1', Uint8Array.from(`<?xml version='1.0' encoding='ISO-8859-1'?>${START.replace(' €', '')}`, (char) => char.charCodeAt(0))],
  ])('is found out: %s', async (_name, bytes) => {
    const { document } = await readBpmn(bytes);
    expect(document.nodes[0]?.title).toMatch(/^Prüfung( €)?$/);
  });

  it('may be Cyrillic in one byte', async () => {
    const bytes = Uint8Array.from([...text(`<?xml version="1.0" encoding="windows-1251"?><definitions ${NS}><process id="p"><startEvent id="s" name="`), 0xcf, 0xf3, 0xf1, 0xea, ...text('"/></process></definitions>')]);
    expect((await readBpmn(bytes)).document.nodes[0]?.title).toBe('Пуск');
  });
});

describe('names that mean something to JavaScript', () => {
  it('are names like others', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const xml = `<definitions ${NS} xmlns:x="urn:x"><process id="p">${names.map((name) => `<startEvent id="${name}" x:${name}="1"><extensionElements><x:${name} get="1" set="2"/></extensionElements></startEvent>`).join('')}</process></definitions>`;
    const { document } = await readBpmn(text(xml));
    expect(document.nodes).toHaveLength(4);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('may have ">" in attributes, however often', async () => {
    const xml = `<definitions ${NS}><process id="p">${Array.from({ length: 400 }, (_, n) => `<task id="t${n}" name="a > ${n}"/>`).join('')}</process></definitions>`;
    expect((await readBpmn(text(xml))).document.nodes).toHaveLength(400);
  });
});
