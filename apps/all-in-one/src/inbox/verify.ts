import { Webhook } from 'standardwebhooks';
import type { Arrival } from './arrival.js';

export interface VerifyResult {
  /** null: there is nothing to verify with. */
  readonly verified: boolean | null;
  readonly sentence: string;
}

/** Verifies as a receiver would, with the Standard Webhooks library rather than with our own code. */
export function verify({ headers, body }: Pick<Arrival, 'headers' | 'body'>, secrets: readonly string[]): VerifyResult {
  if (headers['webhook-signature'] === undefined) return { verified: secrets.length === 0 ? null : false, sentence: 'The request is not signed.' };
  if (secrets.length === 0) return { verified: null, sentence: 'Not verified: this inbox knows no secret. PUT {"secret": "whsec_…"} to it.' };
  const failures = secrets.map((secret) => failureOf(secret, headers, body));
  if (failures.includes(null)) return { verified: true, sentence: 'The signature is right (Standard Webhooks).' };
  return { verified: false, sentence: `The signature is wrong: ${failures[0]}.` };
}

function failureOf(secret: string, headers: Readonly<Record<string, string>>, body: Buffer): string | null {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
