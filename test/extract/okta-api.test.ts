import { describe, expect, test } from "vitest";
import { oktaApi } from "../../src/extract/okta-api.ts";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { describeSourceContract, openSpec, type KnownUser } from "../contract/source-contract.ts";
import {
  OKTA_TOKEN,
  startOkta,
  writeError,
  type OktaOrganisation,
  type OktaService,
} from "../support/okta.ts";

const user = ({ id, name, email }: KnownUser) => ({
  id,
  status: "ACTIVE",
  profile: { login: id, displayName: name, email },
});
const staff = { id: "00g1", type: "OKTA_GROUP", profile: { name: "Staff" } };
const services = new Map<SourceSpec, OktaService>();

async function aSpec(organisation: OktaOrganisation): Promise<SourceSpec> {
  const service = await startOkta(organisation);
  const spec = { type: "okta-api", path: "OKTA_URL", connectionUrl: service.address };
  services.set(spec, service);
  return spec;
}

describeSourceContract("Okta's API", {
  put: (users) => {
    const list = [...users].map(user);
    return aSpec({ users: list, groups: [{ ...staff, members: list.slice(0, 1_500) }] });
  },
  expectedRows: (users) =>
    users.map((known, index) => ({
      seq: index + 1,
      line: undefined,
      record: index < 1_500 ? { ...user(known), groups: ["Staff"] } : user(known),
    })),
  putBroken: ([first, second, third] = []) =>
    aSpec({
      users: [first, second, third].map((known, index) =>
        known === undefined || index === 1 ? { id: "u-2", profile: null } : user(known),
      ),
      groups: [{ ...staff, members: [{ id: "u-1" }, { id: "u-3" }] }],
    }),
  brokenPlace: "element 2: it has no profile with a login",
  openHandles: (spec) => services.get(spec)?.openConnections() ?? 0,
  manyUsers: 20_000,
});

const ada = { id: "00u1", status: "ACTIVE", profile: { login: "ada@example.com" } };

async function read(organisation: Partial<OktaOrganisation>, signal?: AbortSignal) {
  const spec = await aSpec({ users: [ada], groups: [], ...organisation });
  await using source = await openSpec(spec, signal);
  const records: unknown[] = [];
  for await (const batch of source.batches()) records.push(...batch.map(({ record }) => record));
  return { records, description: source.description, service: services.get(spec) };
}

describe("Okta's API", () => {
  test("gives the groups of each user, without Okta's own, page by page", async () => {
    const users = Array.from({ length: 401 }, (_, at) => ({
      ...ada,
      id: `00u${at}`,
      profile: { login: `l${at}` },
    }));
    const groups = [
      { id: "00g0", type: "BUILT_IN", profile: { name: "Everyone" }, members: users },
      { ...staff, members: [...users.slice(400), { id: "00u-gone" }] },
      { id: "00g 2/x", type: "APP_GROUP", profile: { name: "Sales / North" }, members: [] },
    ];
    const { records, description, service } = await read({ users, groups });
    expect(records).toEqual(users.map((each, at) => (at === 400 ? { ...each, groups: ["Staff"] } : each)));
    expect(description).toBe(
      `Okta at ${service?.host}, 2 memberships in groups, of which 1 are of nobody here`,
    );
    expect(service?.requests).toEqual([
      "/api/v1/groups?limit=200",
      "/api/v1/groups/00g1/users?limit=1000",
      "/api/v1/groups/00g%202%2Fx/users?limit=1000",
      "/api/v1/users?limit=200",
      "/api/v1/users?limit=200&after=200",
      "/api/v1/users?limit=200&after=400",
    ]);
  });

  test("waits by the service's clock where the rate limit is spent, and repeats the request", async () => {
    const began = Date.now();
    const { records, service } = await read({
      instead: (count, _request, response) => {
        if (count > 1) return false;
        // A clock that is an hour behind.
        const now = Math.floor(Date.now() / 1_000) - 3_600;
        response.setHeader("date", new Date(now * 1_000).toUTCString());
        response.setHeader("x-rate-limit-reset", String(now + 1));
        writeError(response, 429, "E0000047", "API call exceeded rate limit due to too many requests.");
        return true;
      },
    });
    expect(records).toEqual([ada]);
    expect(service?.requests).toHaveLength(3);
    expect(Date.now() - began).toBeGreaterThanOrEqual(950);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test("leaves a fifth of the rate limit to others", async () => {
    const at: number[] = [];
    await read({
      instead: (_count, _request, response) => {
        at.push(Date.now());
        const now = Math.floor(Date.now() / 1_000);
        response.setHeader("date", new Date(now * 1_000).toUTCString());
        response.setHeader("x-rate-limit-limit", "600");
        response.setHeader("x-rate-limit-remaining", "120");
        response.setHeader("x-rate-limit-reset", String(now + 1));
        return false;
      },
    });
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(950);
  });

  test("repeats what a trouble of the service or the network broke off", async () => {
    const { records } = await read({
      instead: (count, request, response) => {
        if (count === 1) writeError(response, 503, "E0000009", "Internal Server Error");
        else if (count === 2) request.socket.destroy();
        return count <= 2;
      },
    });
    expect(records).toEqual([ada]);
  });

  test("is refused in Okta's words, without the token", async () => {
    const service = await startOkta({ users: [], groups: [] });
    const wrong = `http://00fixture-secret_wrong@${service.host}`;
    const spec = { type: "okta-api", path: "OKTA_URL", connectionUrl: wrong };
    const reading = (async () => {
      await using source = await openSpec(spec);
      for await (const _batch of source.batches());
    })();
    const error: unknown = await reading.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "SOURCE_REFUSED",
      message: "Okta refuses /api/v1/groups: 401, Invalid token provided",
    });
    expect(`${JSON.stringify(error)}${String((error as Error).stack)}`).not.toContain("fixture-secret");
    await expect.poll(() => service.openConnections()).toBe(0);
  });

  test("sends the token to no other host", async () => {
    await expect(
      read({
        instead: (_count, _request, response) => {
          response.setHeader("link", '<https://example.com/api/v1/groups?after=1>; rel="next"');
          response.end("[]");
          return true;
        },
      }),
    ).rejects.toMatchObject({ code: "SOURCE_FORMAT", hint: expect.stringContaining("token") as string });
  });

  test.each<[string, string]>([
    ["is another page", "<html>"],
    ["is no list", "{}"],
    ["has a group without a name", '[{"id":"00g1","type":"OKTA_GROUP"}]'],
    ["has a group without an id", '[{"profile":{"name":"Staff"}}]'],
  ])("is told from something else: what comes back %s", async (_what, text) => {
    const reading = read({
      instead: (_count, _request, response) => {
        response.end(text);
        return true;
      },
    });
    await expect(reading).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
  });

  test("stops waiting when it is aborted", async () => {
    const controller = new AbortController();
    const reading = read(
      {
        instead: (_count, _request, response) => {
          response.setHeader("x-rate-limit-reset", String(Math.floor(Date.now() / 1_000) + 60));
          writeError(response, 429, "E0000047", "too many");
          setTimeout(() => controller.abort(), 50);
          return true;
        },
      },
      controller.signal,
    );
    await expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test.each([
    undefined,
    "example.okta.com",
    "https://example.okta.com",
    `http://${OKTA_TOKEN}@example.okta.com`,
    "https://%zz@example.okta.com",
    `ldap://${OKTA_TOKEN}@example.okta.com`,
  ])("is not asked at the address %s, which is not shown", async (connectionUrl) => {
    const error: unknown = await oktaApi
      .open("OKTA_URL", { connectionUrl })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "USAGE" });
    expect(JSON.stringify(error)).not.toContain("fixture-secret");
  });

  test.each([
    ["acme-admin.okta.com", "acme.okta.com"],
    ["acme-shop-admin.oktapreview.com", "acme-shop.oktapreview.com"],
    ["Acme-Admin.okta-emea.com", "acme.okta-emea.com"],
  ])("is not asked at the admin console's address %s, but told %s", async (host, right) => {
    const connectionUrl = `https://${OKTA_TOKEN}@${host}/`;
    const error: unknown = await oktaApi
      .open("OKTA_URL", { connectionUrl })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "USAGE",
      hint: `Write ${right} in its place: https://TOKEN@${right}`,
    });
    expect(JSON.stringify(error)).not.toContain("fixture-secret");
  });

  test.each(["acme.okta.com", "admin.okta.com", "login-admin.example.com"])(
    "takes %s for an organisation's address",
    async (host) => {
      await using source = await oktaApi.open("OKTA_URL", { connectionUrl: `https://${OKTA_TOKEN}@${host}` });
      expect(source.description).toContain(host);
    },
  );
});
