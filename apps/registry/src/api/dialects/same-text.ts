import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares secrets and signatures in a time that tells nothing of where they differ, nor of their lengths. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
