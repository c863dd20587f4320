import { AppError } from '@hooklane/kernel';

export interface FieldProblem {
  readonly pointer: string;
  readonly message: string;
}

export function invalidHook(errors: readonly FieldProblem[]): AppError {
  const [first] = errors;
  return new AppError('invalid-hook', first ? `${first.pointer || 'The hook'}: ${first.message}` : 'The hook cannot work as described.', { details: { errors } });
}
