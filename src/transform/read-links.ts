import type { FollowUp } from "../core/follow-up.ts";
import type { Issue } from "../core/issue.ts";
import type { SourceRecord } from "../core/row.ts";
import type { RuleCompiler, RulePlace } from "./compile-rule.ts";
import type { Mapping } from "./mapping.ts";
import { elementsOf, Unusable, type Reading } from "./reading.ts";
import { textOf } from "./text-of.ts";

/** Documented: identities of other providers that one user can be linked to. */
const MAX_LINKS = 5;

/** Reads the identities that are linked to a user, and adds what is wrong with them to the issues. */
export type ReadLinks = (
  record: SourceRecord,
  issues: Issue[],
) => readonly (FollowUp & { kind: "link-provider" })[];

/** An identity as the source writes it. */
interface SourceIdentity {
  readonly provider: Reading;
  readonly subject: Reading;
}

/** Makes the reader of linked identities; identities of providers that have no name in the pool are passed over. */
export function compileLinks(
  rule: NonNullable<Mapping["linkedProviders"]>,
  compiler: RuleCompiler,
  place: RulePlace,
): ReadLinks {
  const readIdentities = compileIdentities(rule, compiler, place);
  const names = new Map(Object.entries(rule.names));
  return (record, issues) => {
    const links: (FollowUp & { kind: "link-provider" })[] = [];
    for (const { provider, subject } of readIdentities(record)) {
      const name = typeof provider === "string" ? names.get(provider.trim()) : undefined;
      if (name === undefined) continue;
      const isText = typeof subject === "string" || typeof subject === "number";
      const id = isText ? textOf(subject) : "";
      if (id === "" || id instanceof Unusable || !id.isWellFormed())
        issues.push(issue("identity-invalid", "an identity at another provider has no id that can be used"));
      else links.push({ kind: "link-provider", provider: name, subject: id });
    }
    if (links.length > MAX_LINKS) {
      const message = `the user has ${links.length} identities at other providers, Cognito takes ${MAX_LINKS}`;
      issues.push(issue("identities-too-many", message));
    }
    return links;
  };
}

function compileIdentities(
  rule: NonNullable<Mapping["linkedProviders"]>,
  compiler: RuleCompiler,
  { configPath, isOperators }: RulePlace,
): (record: SourceRecord) => readonly SourceIdentity[] {
  const within = (key: string): RulePlace => ({ configPath: `${configPath}.${key}`, isOperators });
  if (rule.list === undefined) {
    const provider = compiler.path(rule.provider, within("provider"));
    const subject = compiler.path(rule.subject, within("subject"));
    return (record) => [{ provider: provider?.(record), subject: subject?.(record) }];
  }
  const list = compiler.path(rule.list, within("list"));
  const provider = compiler.subpath(rule.provider, within("provider"));
  const subject = compiler.subpath(rule.subject, within("subject"));
  return (record) => {
    const reading = list?.(record);
    if (reading instanceof Unusable) return [];
    return elementsOf(reading).map((element) => ({ provider: provider(element), subject: subject(element) }));
  };
}

function issue(code: "identity-invalid" | "identities-too-many", message: string): Issue {
  return { code, attribute: "linkedProviders", message };
}
