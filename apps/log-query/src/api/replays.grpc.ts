import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { CancelReplayRequest, CreateReplayRequest, GetReplayRequest, ListReplaysRequest, PauseReplayRequest, PreviewReplayRequest, ReplaySelection, ResumeReplayRequest } from '@hooklane/contracts/grpc';
import { ReplayChange, ReplayListQuery, ReplayRequest, type ReplayView } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal, Once, validated, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import type { ReplayChangeKind } from '../replay/change-replay.js';
import type { ReplayDesk } from '../replay/replay-desk.js';
import { KEPT_ANSWERS } from './incidents.controller.js';
import { REPLAY_DESK } from './replays.controller.js';
import { TenantBook } from './tenant-book.js';

/** hooklane.v1.ReplayService: the same answers as REST. Nulls are left out, which proto3 reads as empty. */
@Controller()
export class ReplaysGrpc {
  constructor(
    @Inject(REPLAY_DESK) private readonly desk: ReplayDesk,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
    @Inject(TenantBook) private readonly tenants: TenantBook,
  ) {}

  @GrpcMethod('ReplayService', 'CreateReplay')
  @Authorize('replay')
  async createReplay(@Payload() request: CreateReplayRequest, @Once() once: OnceRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    const tenantId = this.tenants.known(request.tenant);
    const wish = validated(ReplayRequest, { ...selectionOf(request.selection), ...given({ ratePerSecond: request.ratePerSecond, reason: request.reason }) });
    return { replay: replayOf(await this.answers.once(once, () => this.desk.create(tenantId, principal.actor, wish))) };
  }

  @GrpcMethod('ReplayService', 'PreviewReplay')
  @Authorize('replay')
  async previewReplay(@Payload() request: PreviewReplayRequest): Promise<unknown> {
    return this.desk.preview(this.tenants.known(request.tenant), validated(ReplayRequest, selectionOf(request.selection)));
  }

  @GrpcMethod('ReplayService', 'ListReplays')
  @Authorize('replay')
  async listReplays(@Payload() { tenant, ...query }: ListReplaysRequest): Promise<unknown> {
    const { items, next } = await this.desk.list(this.tenants.known(tenant), validated(ReplayListQuery, given(query)));
    return { items: items.map(replayOf), next };
  }

  @GrpcMethod('ReplayService', 'GetReplay')
  @Authorize('replay')
  async getReplay(@Payload() request: GetReplayRequest): Promise<unknown> {
    return { replay: replayOf(await this.desk.inspect(this.tenants.known(request.tenant), request.id)) };
  }

  @GrpcMethod('ReplayService', 'PauseReplay')
  @Authorize('replay')
  pauseReplay(@Payload() request: PauseReplayRequest, @Once() once: OnceRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    return this.change('pause', request, once, principal);
  }

  @GrpcMethod('ReplayService', 'ResumeReplay')
  @Authorize('replay')
  resumeReplay(@Payload() request: ResumeReplayRequest, @Once() once: OnceRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    return this.change('resume', request, once, principal);
  }

  @GrpcMethod('ReplayService', 'CancelReplay')
  @Authorize('replay')
  cancelReplay(@Payload() request: CancelReplayRequest, @Once() once: OnceRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    return this.change('cancel', request, once, principal);
  }

  private async change(change: ReplayChangeKind, request: PauseReplayRequest, once: OnceRequest, { actor }: Principal): Promise<unknown> {
    const tenantId = this.tenants.known(request.tenant);
    const { reason } = validated(ReplayChange, given({ reason: request.reason }));
    return { replay: replayOf(await this.answers.once(once, () => this.desk.change(tenantId, actor, request.id, change, reason ?? ''))) };
  }
}

/** Without what proto3 fills in for absent fields. */
function given(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0)));
}

function selectionOf(selection: ReplaySelection | undefined): Record<string, unknown> {
  if (!selection) return {};
  const { alsoSuperseded, ...rest } = selection;
  return given({ ...rest, ...(alsoSuperseded ? { onlyLatest: false } : {}) });
}

function replayOf({ selection: { onlyLatest, ...selection }, ...replay }: ReplayView): unknown {
  return { ...replay, selection: { ...selection, alsoSuperseded: !onlyLatest } };
}
