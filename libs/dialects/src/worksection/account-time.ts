/** Making a formatter takes longer than rendering a whole request, and an account has one zone. */
const formatters = new Map<string, Intl.DateTimeFormat | null>();
/** There are some 600 zones; names of other kinds come from people's typing. */
const MAX_FORMATTERS = 1_000;

/** @param timeZone IANA name @returns `YYYY-MM-DD HH:MM` by the clock of that zone; null where the zone is unknown */
export function accountTime(atMs: number, timeZone: string): string | null {
  const formatter = formatterOf(timeZone);
  if (formatter === null) return null;
  const part = Object.fromEntries(formatter.formatToParts(atMs).map(({ type, value }) => [type, value])) as Record<Intl.DateTimeFormatPartTypes, string>;
  return `${part.year.padStart(4, '0')}-${part.month}-${part.day} ${part.hour}:${part.minute}`;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat | null {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  const made = newFormatter(timeZone);
  formatters.set(timeZone, made);
  return made;
}

function newFormatter(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
  } catch {
    // RangeError: no such zone.
    return null;
  }
}
