import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

/** What the OpenAPI document says of a route: a sentence, its name for clients, and the successful answers. Problems are the same everywhere (RFC 9457). */
export function Documented(operationId: string, summary: string, answer: { readonly status: number | readonly number[]; readonly schema?: z.ZodType }): MethodDecorator {
  const responses = [answer.status].flat().map((status) => ApiResponse({ status, description: summary, ...(status === 201 ? { headers: LOCATION } : {}), ...(answer.schema ? { standardSchema: answer.schema } : {}) }));
  return applyDecorators(ApiOperation({ operationId, summary }), ...responses);
}

const LOCATION = { Location: { description: 'The path of what was made.', schema: { type: 'string' } } } as const;

export const IF_MATCH = ApiHeader({ name: 'If-Match', required: false, description: 'The version to change; 412 when it is another one by now.' });
