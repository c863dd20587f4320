/** What iceScrum keeps in its server administration. */
export interface IcescrumSettings {
  /** Whether hooks of the server (`/ws/hook`) can be used; off in the product too. */
  readonly serverHooks: boolean;
  /** Failing attempts in a row until a new hook is disabled; 0: never (I17). */
  readonly failureLimit: number;
}

export const ICESCRUM_SETTINGS = Symbol('IcescrumSettings');
