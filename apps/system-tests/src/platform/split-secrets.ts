import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

/** What a split stack must find again at its next start on the same data. */
export interface SplitSecrets {
  readonly adminKey: string;
  /** Base64 of 32 bytes. */
  readonly masterKey: string;
  readonly topicPrefix: string;
}

/** Those of `directory`, made at the first start and readable by their owner only. */
export function splitSecretsOf(directory: string): SplitSecrets {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SplitSecrets;
  // Clusters may be shared between installations; topics are not.
  const secrets = { adminKey: `hl_${randomBytes(32).toString('base64url')}`, masterKey: randomBytes(32).toString('base64'), topicPrefix: `split-${randomBytes(4).toString('hex')}.` };
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}
