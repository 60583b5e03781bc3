import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue, Row, RowBatch } from "../core/row.ts";
import { withRecords } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { toOktaRecord } from "./okta.ts";
import { OktaClient } from "./okta-client.ts";
import { groupsOf, isEverybody, type Membership } from "./okta-groups.ts";
import { joinSideFile } from "./side-file.ts";
import type { Source, SourceType } from "./source.ts";

/** Users and members a page; the API's documented maxima are 200 and 1,000. */
const USERS_PAGE = 200;
const MEMBERS_PAGE = 1_000;
const GROUPS_PAGE = 200;

/**
 * Okta's users, read from its API with their groups; as records, the same as those of the files ({@link toOktaRecord}).
 * Deactivated users are not among them, as the API lists them only when they are searched for (documented). All groups
 * are listed before the first user.
 */
export const oktaApi: SourceType = {
  type: "okta-api",
  place: "environment",
  options: ["connectionUrl"],
  async open(variable, { connectionUrl }, context) {
    if (connectionUrl === undefined) throw noAddress(variable);
    const client = new OktaClient(connectionUrl, context?.signal);
    const users = withRecords(openUsers(client), (record) => toOktaRecord(record as JsonObject));
    const groups = groupsOf(readMemberships(client), () => client.close());
    return joinSideFile(users, () => groups, context?.signal);
  },
};

function openUsers(client: OktaClient): Source {
  return {
    shape: { kind: "documents" },
    description: `Okta at ${client.host}`,
    batches: () => readUsers(client),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function* readUsers(client: OktaClient): AsyncGenerator<RowBatch> {
  let seq = 0;
  for await (const page of client.pages(`users?limit=${USERS_PAGE}`)) {
    const rows = page.map((element, index) => toRow(element, seq + index + 1));
    seq += rows.length;
    if (rows.length > 0) yield rows;
  }
}

function toRow(element: JsonValue, seq: number): Row {
  if (isJsonObject(element)) return { seq, line: undefined, record: element };
  const message = `element ${seq} is not a JSON object`;
  return {
    seq,
    line: undefined,
    record: undefined,
    issue: { code: "row-unreadable", attribute: undefined, message },
  };
}

async function* readMemberships(client: OktaClient): AsyncGenerator<readonly Membership[]> {
  for await (const groups of client.pages(`groups?limit=${GROUPS_PAGE}`)) {
    for (const group of groups) {
      if (isEverybody(group)) continue;
      const { id, name } = groupOf(group);
      for await (const members of client.pages(
        `groups/${encodeURIComponent(id)}/users?limit=${MEMBERS_PAGE}`,
      )) {
        yield members.map((member): Membership => [idOf(member), name]);
      }
    }
  }
}

function groupOf(group: JsonValue): { readonly id: string; readonly name: string } {
  const profile = isJsonObject(group) ? group["profile"] : undefined;
  const name = isJsonObject(profile) ? profile["name"] : undefined;
  const id = idOf(group);
  if (typeof name === "string" && name !== "") return { id, name };
  throw notOkta("a group has no name");
}

function idOf(value: JsonValue): string {
  const id = isJsonObject(value) ? value["id"] : undefined;
  if (typeof id === "string" && id !== "") return id;
  throw notOkta("a group or a member of one has no id");
}

function notOkta(what: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `What answers is not Okta's API: ${what}`, {
    hint: "Check the host in the environment variable",
  });
}

function noAddress(variable: string): FerryError {
  return new FerryError("USAGE", `${variable} holds no address of Okta`, {
    hint: "Set it to https://TOKEN@ORG.okta.com",
  });
}
