import { scrypt, timingSafeEqual } from 'node:crypto';
import { AppError, type RandomSource } from '@hooklane/kernel';
import type { Passwords } from '../ports.js';

/** OWASP's costs for scrypt: 2^15 blocks of 8, three times: 32 MiB and about 0.2 s. */
const COSTS = { N: 2 ** 15, r: 8, p: 3 };
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Each takes one of Node's four threads, which file system and DNS need too. */
const AT_ONCE = 2;
/** A second's work and a half for those who wait; more than that is no crowd of people. */
const WAITING_MAX = 16;

/** `scrypt$N$r$p$salt$hash`, base64: the costs may rise without making what is stored worthless. */
export class ScryptPasswords implements Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly random: RandomSource) {}

  async hash(password: string): Promise<string> {
    const salt = this.random.bytes(SALT_BYTES);
    const hash = await this.derive(password, salt, COSTS, HASH_BYTES);
    return ['scrypt', COSTS.N, COSTS.r, COSTS.p, salt.toString('base64'), hash.toString('base64')].join('$');
  }

  async fits(password: string, hash: string | null): Promise<boolean> {
    const [kind, N, r, p, salt = '', expected = ''] = hash?.split('$') ?? [];
    if (kind !== 'scrypt') {
      await this.derive(password, NOBODYS_SALT, COSTS, HASH_BYTES);
      return false;
    }
    const wanted = Buffer.from(expected, 'base64');
    return timingSafeEqual(await this.derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) }, wanted.length), wanted);
  }

  private async derive(password: string, salt: Buffer, costs: typeof COSTS, bytes: number): Promise<Buffer> {
    if (this.waiting.length >= WAITING_MAX) throw new AppError('too-many-logins', 'Too many logins at once.', { retryable: true, retryAfterMs: 2_000 });
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      // As typed on another keyboard: the same letters may come composed or not.
      return await new Promise((resolve, reject) => scrypt(password.normalize('NFKC'), salt, bytes, { ...costs, maxmem: MAX_MEMORY_BYTES }, (error, key) => (error ? reject(error) : resolve(key))));
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

const NOBODYS_SALT = Buffer.alloc(SALT_BYTES);
