import { status, type ServerInterceptor, type ServerInterceptingCall } from '@grpc/grpc-js';
import { AppError } from '@hooklane/kernel';
import { grpcStatusOf } from '../problem/grpc-status.js';

const DETAILS = 'grpc-status-details-bin';

/**
 * A message that is larger than grpc-js takes is refused before any handler, with RESOURCE_EXHAUSTED and nothing else; callers are told `too-large` like
 * everywhere. grpc-js sends that status past its interceptors, so the call itself is given another way to send it. Ours always carry details.
 */
export const tooLargeCalls: ServerInterceptor = (_method, call) => {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (sent) => {
    const isOurs = sent.code !== status.RESOURCE_EXHAUSTED || (sent.metadata?.get(DETAILS).length ?? 0) > 0;
    send(isOurs ? sent : grpcStatusOf(new AppError('too-large', sent.details ?? '', { publicMessage: 'The message is larger than a batch may be.' })));
  };
  return call as ServerInterceptingCall;
};
