import findMyWay, { type HTTPMethod } from 'find-my-way';

/** Knows every route, to tell "no such path" from "no such method here", which Fastify does not. */
export class RouteBook {
  private readonly router = findMyWay({ maxParamLength: 1_000 });
  private readonly methods = new Set<HTTPMethod>();

  add(method: string | readonly string[], url: string): void {
    for (const one of typeof method === 'string' ? [method] : method) {
      this.methods.add(one as HTTPMethod);
      if (!this.router.hasRoute(one as HTTPMethod, url)) this.router.on(one as HTTPMethod, url, () => undefined);
    }
  }

  /** @returns the methods routed at `path`, sorted; empty when there is no such path. */
  methodsOf(path: string): readonly string[] {
    return [...this.methods].filter((method) => this.router.find(method, path) !== null).sort();
  }
}
