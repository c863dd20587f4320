import { RE2JS } from 're2js';

/** Characters of a pattern. With RE2's own cap on repetition it bounds the compiled program. */
const PATTERN_LENGTH_MAX = 512;
/** Instructions of the compiled program: time is program x text, so 1,000 x 16,384 steps (a few milliseconds) is the worst one test can cost. */
const PROGRAM_SIZE_MAX = 1_000;
const TEXT_LENGTH_MAX = 16_384;

/** A tenant's regular expression in RE2 syntax: linear in the text, so that no pattern can hold up the loop it runs in. */
export interface LinearRegex {
  /** Unanchored. A text of more than 16,384 characters matches nothing. */
  test(text: string): boolean;
  /** Instructions of the compiled program: time is at most this times the text's length. */
  readonly programSize: number;
}

/** @throws Error with a sentence for whoever wrote the pattern */
export function compileLinearRegex(pattern: string): LinearRegex {
  if (pattern.length > PATTERN_LENGTH_MAX) throw new Error(`a regular expression has at most ${PATTERN_LENGTH_MAX} characters`);
  const compiled = compile(pattern);
  const programSize = compiled.programSize();
  if (programSize > PROGRAM_SIZE_MAX) throw new Error('the regular expression is too complex');
  return {
    programSize,
    test: (text) => text.length <= TEXT_LENGTH_MAX && compiled.test(text),
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(error instanceof Error ? error.message : 'the regular expression cannot be parsed', { cause: error });
  }
}
