import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './kafka-jars.js';

const STORE = ['-alias', 'broker', '-storetype', 'PKCS12', '-storepass', 'changeit'];

/** A self-signed certificate for 127.0.0.1, by the keytool that comes with Java. */
export async function makeCertificate(directory: string): Promise<{ readonly keystore: string; readonly pem: string }> {
  await mkdir(directory, { recursive: true });
  const keystore = join(directory, 'broker.p12');
  await run('keytool', ['-genkeypair', ...STORE, '-keystore', keystore, '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1', '-validity', '30']);
  const pem = await run('keytool', ['-exportcert', '-rfc', ...STORE, '-keystore', keystore]);
  return { keystore, pem };
}
