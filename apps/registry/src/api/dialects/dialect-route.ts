import { applyDecorators, Controller, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AnyQuery, PublicRoute, RawBodies } from '@hooklane/service-host';
import { DialectAnswerInterceptor } from './dialect-answer.interceptor.js';

/**
 * A controller of a dialect's admin API, at these paths. Its handlers tell for themselves who calls (`DialectCallers`), read bodies and queries with `formOf`,
 * answer with a `DialectAnswer`, and throw `AppError`s; what these look like says the product's `FailureShape` in `failure-shapes.ts`. Nothing of it stands in the API's document.
 */
export function DialectRoute(...paths: readonly string[]): ClassDecorator {
  return applyDecorators(Controller([...paths]), PublicRoute(), AnyQuery(), RawBodies(), ApiExcludeController(), UseInterceptors(DialectAnswerInterceptor));
}
