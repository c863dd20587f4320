import type { Directory } from '@hooklane/directory';
import type { Tenants } from '../ports.js';
import { notFound } from '../query/retention.js';

/** What log-query asks about tenants. */
export class TenantBook implements Tenants {
  constructor(
    private readonly directory: Pick<Directory, 'tenant'>,
    private readonly defaultRetentionDays: number,
  ) {}

  retentionDays(tenantId: string): number {
    return this.directory.tenant(tenantId)?.retentionDays || this.defaultRetentionDays;
  }

  /** A key of the platform may name any tenant, also one that is not there. @throws AppError `not-found` */
  known(tenantId: string): string {
    if (!this.directory.tenant(tenantId)) throw notFound('tenant');
    return tenantId;
  }
}
