import { everyOne } from '../../every-one.js';
import type { FactsState } from '../../facts-aggregate.js';
import type { Registry, Stored } from '../../ports.js';
import { projectAggregate, type ProjectFacts } from '../../project/projects.js';

export interface NumberedProject {
  readonly id: string;
  readonly number: number;
  readonly key: string;
  readonly name: string;
  readonly blocked: boolean;
}

type StoredProject = Stored<FactsState<ProjectFacts>>;

/** The projects of a tenant, for as long as one request is answered. Hooks name them by id or by key. */
export class ProjectBook {
  private readonly found = new Map<string, Promise<NumberedProject | null>>();
  private byKey: Promise<ReadonlyMap<string, StoredProject>> | undefined;

  constructor(
    private readonly registry: Pick<Registry, 'reads' | 'numbers'>,
    private readonly tenantId: string,
  ) {}

  /** Null: there is none, or not any more. */
  find(idOrKey: string): Promise<NumberedProject | null> {
    const before = this.found.get(idOrKey);
    if (before) return before;
    const project = this.read(idOrKey);
    this.found.set(idOrKey, project);
    return project;
  }

  /** @param number anything that a client sent */
  async withNumber(number: number): Promise<NumberedProject | null> {
    const id = await this.registry.numbers.idOf(this.tenantId, 'project', number);
    return id === null ? null : this.find(id);
  }

  /** Every one that there is, by name. */
  async all(): Promise<NumberedProject[]> {
    this.byKey ??= this.readAll();
    const found = await Promise.all([...(await this.byKey).values()].map(({ id }) => this.find(id)));
    return found.filter((project) => project !== null).sort((a, b) => (a.name === b.name ? a.number - b.number : a.name < b.name ? -1 : 1));
  }

  private async read(idOrKey: string): Promise<NumberedProject | null> {
    const { reads, numbers } = this.registry;
    const stored = (await reads.find<FactsState<ProjectFacts>>(projectAggregate, this.tenantId, idOrKey)) ?? (await this.withKey(idOrKey));
    const number = stored ? await numbers.numberOf(this.tenantId, 'project', stored.id) : null;
    return stored && number !== null ? { id: stored.id, number, ...stored.state.facts } : null;
  }

  private async withKey(key: string): Promise<StoredProject | undefined> {
    this.byKey ??= this.readAll();
    return (await this.byKey).get(key);
  }

  private async readAll(): Promise<ReadonlyMap<string, StoredProject>> {
    const byKey = new Map<string, StoredProject>();
    for await (const project of everyOne<FactsState<ProjectFacts>>(this.registry.reads, projectAggregate, this.tenantId)) byKey.set(project.state.facts.key, project);
    return byKey;
  }
}
