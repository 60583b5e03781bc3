import { readdirSync, readFileSync } from "node:fs";
import type { Fault, Hooks } from "../../emulator/steer.ts";

const ROOT = new URL("../..", import.meta.url);

/**
 * The operations of which no policy need speak: SignUp and the upload to a pre-signed URL, which are called without
 * credentials, and who one is, which everybody may know (documented).
 */
const FREE: ReadonlySet<string> = new Set(["SignUp", "PutObject", "GetCallerIdentity"]);

/** The actions of IAM that a call of an operation takes; to hand a role to Cognito is one of its own. */
function actionsOf(operation: string): readonly string[] {
  if (FREE.has(operation)) return [];
  if (/Role|PrincipalPolicy$/.test(operation)) return roleActionsOf(operation);
  if (/Log(Groups|Streams|Events)$/.test(operation)) return [`logs:${operation}`];
  const action = `cognito-idp:${operation}`;
  return operation === "CreateUserImportJob" ? [action, "iam:PassRole"] : [action];
}

/** To make a role that has tags from the beginning takes a permission of its own (documented). */
function roleActionsOf(operation: string): readonly string[] {
  return operation === "CreateRole" ? ["iam:CreateRole", "iam:TagRole"] : [`iam:${operation}`];
}

/** All actions that poolferry's operations take: those that its table of request quotas names, and those of IAM. */
export function calledActions(): ReadonlySet<string> {
  const quotas = readFileSync(new URL("src/cognito/quota.ts", ROOT), "utf8");
  const operations = [...quotas.matchAll(/^ {2}(\w+): "\w+",$/gm)].map(([, operation]) => operation ?? "");
  return new Set([...operations, ...iamOperations()].flatMap(actionsOf));
}

/** The operations that are called by way of the account's door. */
function iamOperations(): readonly string[] {
  const folder = new URL("src/cognito/", ROOT);
  const texts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  return texts.flatMap((text) =>
    [...text.matchAll(/\.callIam\(\s*"(\w+)"/g)].map(([, operation]) => operation ?? ""),
  );
}

/** The actions of a migration and what follows it, without those that only prepare or look at what surrounds it. */
export function migrationActions(): ReadonlySet<string> {
  const policies = readdirSync(new URL("docs/policies/", ROOT)).map((name) => name.replace(/\.json$/, ""));
  const others = new Set(["pool-prepare", "doctor"]);
  return new Set(
    policies.filter((policy) => !others.has(policy)).flatMap((policy) => [...allowedBy(policy)]),
  );
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
      // IAM has a name of its own for it, and another status (documented).
      return action.startsWith("iam:") && operation !== "CreateUserImportJob"
        ? { kind: "error", status: 403, type: "AccessDenied", message }
        : { kind: "error", status: 400, type: "AccessDeniedException", message };
    }
    return undefined;
  }
}
