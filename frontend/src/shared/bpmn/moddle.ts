// The tree that bpmn-moddle makes of a BPMN file, and our own elements in it.

import { BpmnModdle } from 'bpmn-moddle';

export const NAMESPACE = 'https://github.com/taskurotta/taskurotta-go/bpmn/1';

export interface Property {
  name: string;
  isReference?: boolean;
  isMany?: boolean;
  isVirtual?: boolean;
}

/** An element of the tree. Elements of foreign namespaces are generic: they have children and a body, no properties. */
export interface BpmnElement {
  readonly $type: string;
  readonly $attrs?: Record<string, string>;
  readonly $descriptor: { readonly properties?: readonly Property[]; readonly isGeneric?: boolean };
  $parent?: BpmnElement;
  $instanceOf: (type: string) => boolean;
  get: (name: string) => unknown;
  set: (name: string, value: unknown) => void;
}

export interface Warning {
  message: string;
  element?: BpmnElement;
  property?: string;
  value?: string;
}

export interface Parsed {
  rootElement: BpmnElement;
  warnings: readonly Warning[];
}

export interface Moddle {
  create: (type: string, attributes?: Record<string, unknown>) => BpmnElement;
  fromXML: (xml: string) => Promise<Parsed>;
  toXML: (element: BpmnElement, options?: { format?: boolean; preamble?: boolean }) => Promise<{ xml: string }>;
}

/** Ours: each holds what BPMN has no words for, as JSON of the document format. `order` is the place in the document's list. */
export type PieceName = 'Document' | 'Node' | 'Edge' | 'Note' | 'Frame';

const PIECES: readonly PieceName[] = ['Document', 'Node', 'Edge', 'Note', 'Frame'];

const DESCRIPTOR = {
  name: 'Taskurotta',
  uri: NAMESPACE,
  prefix: 'taskurotta',
  xml: { tagAlias: 'lowerCase' },
  types: PIECES.map((name) => ({
    name,
    superClass: ['Element'],
    properties: [
      { name: 'order', isAttr: true, type: 'Integer' },
      { name: 'json', isBody: true, type: 'String' },
    ],
  })),
};

export function createModdle(): Moddle {
  return new BpmnModdle({ taskurotta: DESCRIPTOR });
}

export function isElement(value: unknown): value is BpmnElement {
  return typeof value === 'object' && value !== null && '$type' in value && '$descriptor' in value;
}

const generic = (element: BpmnElement): boolean => element.$descriptor.isGeneric === true;

export function textOf(element: BpmnElement | undefined, name: string): string | undefined {
  if (element === undefined || generic(element)) return undefined;
  const value = element.get(name);
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(element: BpmnElement | undefined, name: string): number | undefined {
  const value = element === undefined || generic(element) ? undefined : element.get(name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function flagOf(element: BpmnElement, name: string): boolean {
  return element.get(name) === true;
}

export function childOf(element: BpmnElement | undefined, name: string): BpmnElement | undefined {
  if (element === undefined || generic(element)) return undefined;
  const value = element.get(name);
  return isElement(value) ? value : undefined;
}

/** A list of elements. What the element has no such property for is an empty one, and stays so. */
export function listOf(element: BpmnElement | undefined, name: string): readonly BpmnElement[] {
  if (element === undefined || generic(element) || element.$descriptor.properties?.some((property) => property.name === name) !== true) return [];
  const value = element.get(name);
  return Array.isArray(value) ? value.filter(isElement) : [];
}

/** "bpmn:ServiceTask" as BPMN files write it: "serviceTask". */
export function localName(element: BpmnElement): string {
  const name = element.$type.slice(element.$type.indexOf(':') + 1);
  return generic(element) ? element.$type : name.charAt(0).toLowerCase() + name.slice(1);
}

export function is(element: BpmnElement, ...types: readonly string[]): boolean {
  return !generic(element) && types.some((type) => element.$instanceOf(`bpmn:${type}`));
}

export function idOf(element: BpmnElement): string {
  return textOf(element, 'id') ?? '';
}

/** Changes nothing of an element that has the value already. */
export function put(element: BpmnElement, name: string, value: unknown): void {
  if (element.get(name) !== value) element.set(name, value);
}

export function add(parent: BpmnElement, list: string, child: BpmnElement): void {
  child.$parent = parent;
  (parent.get(list) as BpmnElement[]).push(child);
}

export function remove(parent: BpmnElement, list: string, gone: (child: BpmnElement) => boolean): void {
  const before = listOf(parent, list);
  if (before.some(gone)) parent.set(list, before.filter((child) => !gone(child)));
}

/** The elements below an element, itself first, without what is only referred to. */
export function* within(root: BpmnElement): Generator<BpmnElement> {
  const stack = [root];
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    yield element;
    const children: BpmnElement[] = [];
    for (const property of element.$descriptor.properties ?? []) {
      if (property.isReference === true || property.isVirtual === true || !Object.hasOwn(element, property.name)) continue;
      const value = element.get(property.name);
      if (isElement(value)) children.push(value);
      else if (Array.isArray(value)) children.push(...value.filter(isElement));
    }
    stack.push(...children.reverse());
  }
}

export interface Piece {
  order: number | undefined;
  json: string;
}

export function pieceOf(element: BpmnElement, name: PieceName): Piece | undefined {
  const found = listOf(childOf(element, 'extensionElements'), 'values').find((value) => value.$type === `taskurotta:${name}`);
  const json = textOf(found, 'json');
  return json === undefined ? undefined : { order: numberOf(found, 'order'), json };
}

/** Puts one of our pieces into an element, in place of the one that it has. */
export function putPiece(moddle: Moddle, element: BpmnElement, name: PieceName, json: string, order?: number): void {
  const piece = moddle.create(`taskurotta:${name}`, { json, ...(order !== undefined && { order }) });
  let holder = childOf(element, 'extensionElements');
  if (holder === undefined) {
    holder = moddle.create('bpmn:ExtensionElements', { values: [] });
    holder.$parent = element;
    element.set('extensionElements', holder);
  }
  piece.$parent = holder;
  holder.set('values', [...listOf(holder, 'values').filter((value) => value.$type !== piece.$type), piece]);
}

/** Takes all of our pieces out: what is left is what others wrote. */
export function strip(root: BpmnElement): void {
  for (const element of within(root)) {
    const holder = childOf(element, 'extensionElements');
    if (holder === undefined) continue;
    const values = listOf(holder, 'values');
    const others = values.filter((value) => !value.$type.startsWith('taskurotta:'));
    if (others.length === values.length) continue;
    if (others.length > 0) holder.set('values', others);
    else element.set('extensionElements', undefined);
  }
}

export function hasProperty(element: BpmnElement, name: string): boolean {
  return element.$descriptor.properties?.some((property) => property.name === name) === true;
}

/** Takes elements out of a tree, with whatever ends at them: lines, shapes, references. */
export function purge(root: BpmnElement, gone: Set<BpmnElement>): void {
  for (let size = -1; size !== gone.size; ) {
    size = gone.size;
    for (const element of within(root)) {
      for (const { name, isReference, isMany } of element.$descriptor.properties ?? []) {
        if (isReference === true || isMany !== true || !Object.hasOwn(element, name)) continue;
        const children = listOf(element, name);
        const left = children.filter((child) => !gone.has(child) && !dangles(child, gone));
        if (left.length === children.length) continue;
        for (const child of children) if (!left.includes(child)) for (const each of within(child)) gone.add(each);
        element.set(name, left);
      }
    }
  }
  for (const element of within(root)) {
    for (const { name, isReference, isMany } of element.$descriptor.properties ?? []) {
      if (isReference !== true || !Object.hasOwn(element, name)) continue;
      const value = element.get(name);
      if (isMany === true && Array.isArray(value) && value.some((each) => isElement(each) && gone.has(each))) {
        element.set(name, value.filter((each) => !isElement(each) || !gone.has(each)));
      } else if (isElement(value) && gone.has(value)) element.set(name, undefined);
    }
  }
}

const ENDS = ['sourceRef', 'targetRef', 'bpmnElement', 'attachedToRef'];

function dangles(element: BpmnElement, gone: ReadonlySet<BpmnElement>): boolean {
  return ENDS.some((name) => {
    const end = hasProperty(element, name) ? childOf(element, name) : undefined;
    return end !== undefined && gone.has(end);
  });
}
