import { AppError } from '@hooklane/kernel';
import type { FastifyRequest } from 'fastify';
import type { SignedCall } from '../../dialect-apis/worksection/credentials.js';
import { formOf } from '../dialects/form.js';

/**
 * A call as the product's clients make it: GET with a query, POST of a form (the PHP SDK's is multipart) or of JSON (the later SDKs).
 * @throws AppError as `formOf`; `invalid-request` for a multipart body that is none
 */
export async function signedCallOf(request: Pick<FastifyRequest, 'url' | 'headers' | 'body'>, surface: SignedCall['surface']): Promise<SignedCall> {
  const contentType = request.headers['content-type'] ?? '';
  const isMultipart = /^multipart\/form-data\s*;/i.test(contentType);
  const { query, fields, rawQuery, rawBody } = formOf({ url: request.url, headers: request.headers, body: isMultipart ? undefined : request.body });
  const parts = isMultipart && Buffer.isBuffer(request.body) ? await multipartFields(request.body, contentType) : null;
  return {
    surface,
    authorization: request.headers.authorization,
    rawQuery,
    rawForm: parts === null && /urlencoded/i.test(contentType) ? rawBody.toString('utf8') : '',
    hasBody: Buffer.isBuffer(request.body) && request.body.length > 0,
    parameters: parts === null ? fields : { ...query, ...parts },
  };
}

/** Texts only: none of the actions takes a file. */
async function multipartFields(body: Buffer, contentType: string): Promise<Record<string, string>> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    return Object.fromEntries([...form].flatMap(([name, value]) => (typeof value === 'string' && name !== '__proto__' ? [[name, value]] : [])));
  } catch (cause) {
    throw new AppError('invalid-request', 'The body is no form of the kind that its Content-Type says.', { cause });
  }
}
