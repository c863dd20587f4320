import { AppError } from '@hooklane/kernel';
import type { Receivers } from '../ports.js';

const unreachable = (): Promise<never> => Promise.reject(new AppError('peer-unavailable', 'There is no way to the delivery service.', { retryable: true }));

/** Until there is a way to the delivery service: nobody can be tried out. */
export const unreachableReceivers: Receivers = { test: unreachable, probe: unreachable, resend: unreachable };
