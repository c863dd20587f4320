/** Bytes `[start, end)` of a JSON text, without the white space around them. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

export interface ValueSlice extends Slice {
  /** Levels of objects and arrays in it; 0 for a scalar. */
  readonly depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Where the value of a member stands, so that a publisher's bytes can be kept as they are (parsing and printing again changes numbers, escapes, order and repeats).
 * The text must be well-formed: JSON.parse has seen it. Of members with the same name the last one counts, as for JSON.parse.
 */
export function memberSlice(json: Uint8Array, object: Slice, name: string): ValueSlice | null {
  let found: ValueSlice | null = null;
  let at = skipSpace(json, object.start) + 1;
  for (at = skipSpace(json, at); json[at] !== CLOSE_BRACE; at = skipSpace(json, at)) {
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
    const keyEnd = stringEnd(json, at);
    const isNamed = keyIs(json, at, keyEnd, name);
    // The colon stands between the key and the value, with or without space.
    const value = valueSlice(json, skipSpace(json, skipSpace(json, keyEnd) + 1));
    if (isNamed) found = value;
    at = value.end;
  }
  return found;
}

/** Where the elements of an array stand. The text must be well-formed. */
export function elementSlices(json: Uint8Array, array: Slice): ValueSlice[] {
  const elements: ValueSlice[] = [];
  let at = skipSpace(json, skipSpace(json, array.start) + 1);
  while (json[at] !== CLOSE_BRACKET) {
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
    const value = valueSlice(json, at);
    elements.push(value);
    at = skipSpace(json, value.end);
  }
  return elements;
}

/** The first value at or behind `at`. */
export function valueSlice(json: Uint8Array, from: number): ValueSlice {
  const start = skipSpace(json, from);
  const first = json[start];
  if (first === QUOTE) return { start, end: stringEnd(json, start), depth: 0 };
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return containerSlice(json, start);
  return { start, end: scalarEnd(json, start), depth: 0 };
}

function containerSlice(json: Uint8Array, start: number): ValueSlice {
  let depth = 0;
  let deepest = 0;
  let at = start;
  while (at < json.length) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = stringEnd(json, at);
      continue;
    }
    at += 1;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return { start, end: at, depth: deepest };
    }
  }
  throw new RangeError('The JSON text ends within a value.');
}

/** Keys and short texts are walked; beyond, the search of the runtime is quicker, although each call of it costs as much as walking these. */
const WALKED_BYTES = 32;

/** @returns the place behind the closing quote */
function stringEnd(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < start + WALKED_BYTES) {
    const byte = json[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  for (let quote = json.indexOf(QUOTE, at); quote >= 0; quote = json.indexOf(QUOTE, quote + 1)) {
    if (!isEscaped(json, quote, start)) return quote + 1;
  }
  throw new RangeError('The JSON text ends within a string.');
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(json: Uint8Array, at: number, start: number): boolean {
  let backslashes = 0;
  while (at - 1 - backslashes > start && json[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function scalarEnd(json: Uint8Array, start: number): number {
  let at = start;
  while (at < json.length && !endsScalar(json[at] as number)) at += 1;
  return at;
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= 0x20;
}

function skipSpace(json: Uint8Array, from: number): number {
  let at = from;
  // Of the bytes up to 0x20 a well-formed text has only space, tab and line ends between its values.
  while (at < json.length && (json[at] as number) <= 0x20) at += 1;
  return at;
}

const decoder = new TextDecoder();

function keyIs(json: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start - 2 === name.length && equalsAscii(json, start + 1, name)) return true;
  // Escapes only ever make a key longer.
  if (end - start - 2 <= name.length) return false;
  const key = json.subarray(start, end);
  return key.includes(BACKSLASH) && JSON.parse(decoder.decode(key)) === name;
}

/** `name` is one of ours, all ASCII. */
function equalsAscii(json: Uint8Array, start: number, name: string): boolean {
  for (let index = 0; index < name.length; index += 1) if (json[start + index] !== name.charCodeAt(index)) return false;
  return true;
}
