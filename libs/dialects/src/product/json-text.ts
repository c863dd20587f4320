import jsonc, { type Node, type ParseError } from 'jsonc-parser';

/** How JSON is spaced: `python` as json.dumps writes with its defaults, `compact` without spaces. */
export type JsonStyle = 'python' | 'compact';

/** JSON that keeps what a plain parse loses: the spelling of numbers, the order and the repetition of keys. */
export interface JsonText {
  readonly text: string;
  readonly node: Node;
}

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/** @returns null for what is not JSON */
export function parseJsonText(bytes: Buffer): JsonText | null {
  const text = bytes.toString('utf8');
  const errors: ParseError[] = [];
  const node = jsonc.parseTree(text, errors, STRICT);
  return node && errors.length === 0 ? { text, node } : null;
}

/** The member of an object; the last one where its name came twice, as every parser reads it. Undefined for what is no object. */
export function memberOf({ text, node }: JsonText, name: string): JsonText | undefined {
  if (node.type !== 'object') return undefined;
  const property = node.children?.findLast(({ children }) => children?.[0]?.value === name);
  const value = property?.children?.[1];
  return value && { text, node: value };
}

/** Members of an object in their order; empty for what is no object. */
export function membersOf({ text, node }: JsonText): readonly (readonly [name: string, value: JsonText])[] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).map(({ children }) => [children![0]!.value as string, { text, node: children![1]! }] as const);
}

/** Text of a string, the spelling of a number; undefined for anything else. */
export function scalarOf({ text, node }: JsonText): string | undefined {
  if (node.type === 'string') return node.value as string;
  return node.type === 'number' ? spellingOf(text, node) : undefined;
}

/** The same value in another spacing; strings in raw UTF-8, escaped only where JSON demands it. */
export function writeJson({ text, node }: JsonText, style: JsonStyle): string {
  switch (node.type) {
    case 'object':
      return objectJson(membersOf({ text, node }).map(([name, value]) => [name, writeJson(value, style)]), style);
    case 'array':
      return arrayJson((node.children ?? []).map((item) => writeJson({ text, node: item }, style)), style);
    case 'string':
      return stringJson(node.value as string);
    default:
      return spellingOf(text, node);
  }
}

/** @param members names and JSON of their values */
export function objectJson(members: readonly (readonly [name: string, json: string])[], style: JsonStyle): string {
  const colon = style === 'python' ? ': ' : ':';
  return `{${members.map(([name, json]) => stringJson(name) + colon + json).join(comma(style))}}`;
}

export function arrayJson(items: readonly string[], style: JsonStyle): string {
  return `[${items.join(comma(style))}]`;
}

/** JSON.stringify escapes what JSON demands and lone surrogates, which UTF-8 could not carry, and nothing else. */
export function stringJson(value: string): string {
  return JSON.stringify(value);
}

const comma = (style: JsonStyle): string => (style === 'python' ? ', ' : ',');

function spellingOf(text: string, { offset, length }: Node): string {
  return text.slice(offset, offset + length);
}
