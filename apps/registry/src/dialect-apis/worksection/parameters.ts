/** What a call says beside its credentials, as it came: texts from a query or a form, anything from JSON. */
export type Parameters = Readonly<Record<string, unknown>>;

/** @returns the text of a parameter, trimmed; empty where it is absent or neither text nor number. The SDKs send ids as numbers. */
export function textOf(parameters: Parameters, name: string): string {
  return exactTextOf(parameters, name).trim();
}

/** As `textOf`, with the spaces around it: a password may have some. */
export function exactTextOf(parameters: Parameters, name: string): string {
  return scalarText(Object.hasOwn(parameters, name) ? parameters[name] : undefined);
}

/** @returns the texts of a comma list, or of a list as the SDKs send it in JSON; without empty ones, each once. */
export function listOf(parameters: Parameters, name: string): string[] {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  const texts = Array.isArray(value) ? value.flatMap((item) => scalarText(item).split(',')) : scalarText(value).split(',');
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}
