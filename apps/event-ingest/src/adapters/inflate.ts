import { AppError } from '@hooklane/kernel';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/**
 * Undoes `Content-Encoding: gzip`, up to a size: a few kilobytes may unfold to gigabytes.
 * @throws AppError `too-large`, `unsupported-media-type` for another encoding, `invalid-request` for what is not gzip
 */
export async function inflated(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return body;
    case 'gzip':
    case 'x-gzip':
      return unzip(body, { maxOutputLength: maxBytes }).catch((error: unknown) => refuse(error, maxBytes));
    default:
      throw new AppError('unsupported-media-type', 'The only content encoding is gzip.');
  }
}

function refuse(cause: unknown, maxBytes: number): never {
  const { code } = cause as { code?: string };
  if (code === 'ERR_BUFFER_TOO_LARGE') throw new AppError('too-large', `The body is larger than ${maxBytes} bytes when it is unpacked.`, { details: { maxBytes } });
  throw new AppError('invalid-request', 'The body is not well-formed gzip.', { cause });
}
