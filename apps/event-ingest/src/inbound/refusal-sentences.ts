const SENTENCES: Readonly<Record<string, string>> = {
  'feature-not-enabled': 'The tenant\'s webhook access is off.',
  'no-handler': 'The tenant has no Tiki handler that is enabled.',
  'unknown-source': 'There is no source with this address.',
  'source-disabled': 'The source is disabled.',
  'signature-missing': 'The header of the signature is missing or empty.',
  'signature-wrong': 'The signature is not that of this body with this secret.',
  'timestamp-missing': 'The timestamp is missing or is none.',
  'timestamp-out-of-tolerance': 'The timestamp is too far from now: an old call, or a clock that is wrong.',
  'credentials-missing': 'The credentials are missing.',
  'credentials-wrong': 'The credentials are wrong.',
  'id-missing': 'The header that names the call is missing.',
  replayed: 'The same call came before.',
};

/** Why a call was refused, for a person. */
export function sentenceOf(reason: string): string {
  return SENTENCES[reason] ?? '';
}
