export function momentOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** 0 is how the records say "none". */
export function momentOrNull(timeMs: number): string | null {
  return timeMs > 0 ? momentOf(timeMs) : null;
}

export function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}
