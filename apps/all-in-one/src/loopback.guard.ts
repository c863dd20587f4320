import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { AppError } from '@hooklane/kernel';
import { BlockList } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** For what only programs of this machine may see: to others there is no such route. */
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const address = context.switchToHttp().getRequest<{ socket: { remoteAddress?: string } }>().socket.remoteAddress ?? '';
    if (loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4')) return true;
    throw new AppError('not-found', 'There is no such route.');
  }
}
