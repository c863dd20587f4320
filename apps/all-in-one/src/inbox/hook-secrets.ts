import { HookSecrets, type HookChanged } from '@hooklane/contracts/topics';
import type { Directory } from '@hooklane/directory';
import type { SecretBox } from '@hooklane/secret-box';

const INBOX_PATH = /\/inbox\/([^/?#]+)/;

/**
 * The signing secrets of the hooks that point at an inbox of this process, so that a newcomer sees a verified signature without copying a secret.
 * Only the all-in-one process does this: it is where both ends are ours.
 */
export class InboxHookSecrets {
  private readonly hookIds = new Map<string, Set<string>>();

  constructor(
    private readonly directory: Pick<Directory, 'hook' | 'onHookChanged'>,
    private readonly secretBox: Pick<SecretBox, 'open'>,
  ) {
    directory.onHookChanged((hook) => this.remember(hook));
  }

  of(inbox: string): readonly string[] {
    return [...(this.hookIds.get(inbox) ?? [])].flatMap((hookId) => {
      const hook = this.directory.hook(hookId);
      return hook ? this.secretsOf(hook) : [];
    });
  }

  private remember(hook: HookChanged): void {
    for (const ids of this.hookIds.values()) ids.delete(hook.hookId);
    const inbox = INBOX_PATH.exec(hook.displayUrl)?.[1];
    if (inbox === undefined || hook.deleted) return;
    const ids = this.hookIds.get(inbox) ?? new Set<string>();
    this.hookIds.set(inbox, ids.add(hook.hookId));
  }

  private secretsOf(hook: HookChanged): string[] {
    try {
      const { signing } = HookSecrets.decode(this.secretBox.open(hook.sealedSecrets, `hook/${hook.tenantId}/${hook.hookId}`));
      return signing.map(({ value }) => value).filter((value) => value.startsWith('whsec_'));
    } catch {
      // Then the message says "not verified", which is what is known.
      return [];
    }
  }
}
