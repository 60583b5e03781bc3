import { readFileSync } from "node:fs";
import type { Fault, Hooks } from "../../emulator/steer.ts";

const ROOT = new URL("../..", import.meta.url);

/** The operations that are called without credentials, so that no policy can speak of them: SignUp, and the upload to a pre-signed URL. */
const UNSIGNED: ReadonlySet<string> = new Set(["SignUp", "PutObject"]);

/** The actions of IAM that a call of an operation takes; to hand a role to Cognito is one of its own. */
function actionsOf(operation: string): readonly string[] {
  if (UNSIGNED.has(operation)) return [];
  if (/Log(Groups|Streams|Events)$/.test(operation)) return [`logs:${operation}`];
  const action = `cognito-idp:${operation}`;
  return operation === "CreateUserImportJob" ? [action, "iam:PassRole"] : [action];
}

/** All actions that poolferry's operations take, as its table of request quotas names them. */
export function calledActions(): ReadonlySet<string> {
  const quotas = readFileSync(new URL("src/cognito/quota.ts", ROOT), "utf8");
  const operations = [...quotas.matchAll(/^ {2}(\w+): "\w+",$/gm)].map(([, operation]) => operation ?? "");
  return new Set(operations.flatMap(actionsOf));
}

/** A statement of a policy, of those that ours are made of. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
}

/** The statements of a policy in docs/policies. */
export function statementsOf(policy: string): readonly Statement[] {
  const text = readFileSync(new URL(`docs/policies/${policy}.json`, ROOT), "utf8");
  return (JSON.parse(text) as { Statement: readonly Statement[] }).Statement;
}

/** The actions that a policy in docs/policies allows. */
export function allowedBy(policy: string): ReadonlySet<string> {
  return new Set(statementsOf(policy).flatMap(({ Action }) => Action));
}

/**
 * What the credentials of a test may do: everything until told otherwise. Whatever else is asked for is answered as AWS
 * does, before it has any effect.
 */
export class Permissions {
  readonly hooks: Hooks = { beforeEffect: ({ operation }) => this.#judge(operation) };
  readonly #asked = new Set<string>();
  readonly #denied = new Set<string>();
  #allowed: ReadonlySet<string> | undefined;
  #forgettable: ReadonlySet<string> = new Set();

  /** Allows these actions and no others from now on; what was asked for is counted anew. */
  allow(actions: ReadonlySet<string>): void {
    this.#allowed = actions;
    this.#forgettable = new Set();
    this.#asked.clear();
    this.#denied.clear();
  }

  /** Denies each of these actions once, at the first call that takes it, as if it had been forgotten. */
  forget(actions: ReadonlySet<string>): void {
    this.#forgettable = actions;
  }

  /** The actions that were asked for, sorted. */
  get asked(): readonly string[] {
    return [...this.#asked].sort();
  }

  /** The actions that were denied, in the order in which they first were. */
  get denied(): readonly string[] {
    return [...this.#denied];
  }

  #judge(operation: string): Fault | undefined {
    if (this.#allowed === undefined) return undefined;
    for (const action of actionsOf(operation)) {
      this.#asked.add(action);
      const isForgotten = this.#forgettable.has(action) && !this.#denied.has(action);
      if (this.#allowed.has(action) && !isForgotten) continue;
      this.#denied.add(action);
      // AWS's words (reported).
      const message = `User: arn:aws:iam::123456789012:user/ferry is not authorized to perform: ${action} on resource: arn:aws:any`;
      return { kind: "error", status: 400, type: "AccessDeniedException", message };
    }
    return undefined;
  }
}
