/** What iceScrum keeps in its server administration, beside the failure limit. */
export interface IcescrumSettings {
  /** Whether hooks of the server (`/ws/hook`) can be used; off in the product too. */
  readonly serverHooks: boolean;
}

export const ICESCRUM_SETTINGS = Symbol('IcescrumSettings');
