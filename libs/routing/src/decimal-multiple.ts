/** `digits` × 10^`exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/**
 * JSON Schema's `multipleOf`, in the decimals that people write: 19.99 is a multiple of 0.01, although the quotient of the two doubles is not whole.
 * @param value finite, as JSON.parse gives it
 * @param step above 0
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  const left = decimalOf(value);
  const right = decimalOf(step);
  const exponent = Math.min(left.exponent, right.exponent);
  return atExponent(left, exponent) % atExponent(right, exponent) === 0n;
}

/** The shortest decimal that reads as this double, which is what was written wherever it had at most 15 digits. */
function decimalOf(value: number): Decimal {
  const [mantissa = '', power = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

/** Exponents of doubles are less than 700 apart. */
function atExponent({ digits, exponent }: Decimal, lower: number): bigint {
  return digits * 10n ** BigInt(exponent - lower);
}
