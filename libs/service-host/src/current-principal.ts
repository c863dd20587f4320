import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '@hooklane/kernel';
import type { Principal } from '@hooklane/directory';

const PRINCIPAL = Symbol('hooklane principal');

/** The `Principal` of a handler with `@Authorize`. In gRPC handlers every other parameter then needs `@Payload()` or `@Ctx()`: Nest fills only decorated ones. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const carrier = context.getArgByIndex<object>(context.getType() === 'http' ? 0 : 1);
  const principal = principalOf(carrier);
  if (!principal) throw new AppError('internal', `${context.getClass().name}.${context.getHandler().name} asks for a principal but has no @Authorize.`, { publicMessage: 'Something went wrong on our side.' });
  return principal;
});

/** @param carrier the Fastify request, or the gRPC call's metadata */
export function principalOf(carrier: object): Principal | undefined {
  return (carrier as { [PRINCIPAL]?: Principal })[PRINCIPAL];
}

export function rememberPrincipal(carrier: object, principal: Principal): void {
  (carrier as { [PRINCIPAL]?: Principal })[PRINCIPAL] = principal;
}
