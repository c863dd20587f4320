import { Controller, Headers, Inject, Post, UseGuards } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import { AppError } from '@hooklane/kernel';
import { ADMIN_KEYS, PublicRoute, type AdminKeys } from '@hooklane/service-host';
import { createHash, timingSafeEqual } from 'node:crypto';
import { LoopbackGuard } from '../loopback.guard.js';

export const CONTROL_TOKEN = Symbol('control token');

/** What `npm start -- --new-admin-key` asks of a Hooklane that is running. */
@Controller('/control')
@ApiExcludeController()
@PublicRoute()
@UseGuards(LoopbackGuard)
export class ControlController {
  constructor(
    @Inject(CONTROL_TOKEN) private readonly token: string,
    @Inject(ModuleRef) private readonly modules: ModuleRef,
  ) {}

  @Post('admin-keys')
  async createAdminKey(@Headers('x-control-token') token: string | undefined): Promise<{ key: string }> {
    if (!isSame(token ?? '', this.token)) throw new AppError('not-found', 'There is no such route.');
    const adminKeys = this.modules.get<AdminKeys>(ADMIN_KEYS, { strict: false });
    return { key: await adminKeys.create('command-line') };
  }
}

/** Over digests: they have one length, and their comparison tells nothing of the token. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
