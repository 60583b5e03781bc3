/** An IAM role, as far as an import's log needs one. */
export interface Role {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly description: string | undefined;
  readonly maxSessionSeconds: number;
  readonly tags: readonly Tag[];
  /** Who may assume the role: a policy, as JSON. */
  readonly trust: string;
  /** What the role may do: inline policies by name, as JSON. */
  readonly policies: Map<string, string>;
}

/** A tag of a resource. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The roles of an account. Their names are told apart without case (documented). */
export class RoleStore {
  readonly #byName = new Map<string, Role>();

  /** Adds a role, or replaces the one of its name. */
  put(role: Role): void {
    this.#byName.set(role.name.toLowerCase(), role);
  }

  /** The role of this name. */
  find(name: string): Role | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Forgets the role of this name. */
  delete(name: string): void {
    this.#byName.delete(name.toLowerCase());
  }

  /** Every role, in the order of creation. */
  [Symbol.iterator](): IterableIterator<Role> {
    return this.#byName.values();
  }

  /** Forgets every role. */
  clear(): void {
    this.#byName.clear();
  }

  /** The role of this ARN. */
  byArn(arn: string): Role | undefined {
    const role = this.find(arn.slice(arn.lastIndexOf("/") + 1));
    return role?.arn === arn ? role : undefined;
  }
}
