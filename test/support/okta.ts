import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** The only API token that the service takes. */
export const OKTA_TOKEN = "00fixture-secret_okta-token";

/** What an Okta organisation holds, and how it behaves. */
export interface OktaOrganisation {
  users: readonly object[];
  groups: readonly {
    readonly id: string;
    readonly type: string;
    readonly profile: object;
    readonly members: readonly object[];
  }[];
  /** Answers a request in place of the service, by its number from 1; undefined leaves it to the service. */
  instead?: (count: number, request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A local service that behaves as Okta's documented management API, as far as users and groups are read. */
export interface OktaService {
  /** With the token, as the environment variable of the source holds it. */
  readonly address: string;
  readonly host: string;
  readonly requests: readonly string[];
  openConnections(): number;
}

/**
 * Starts the service; it ends with the test. Documented: tokens as `Authorization: SSWS`, error objects, lists as arrays
 * with at most 200 users or groups and 1,000 members a page, a Link header each for `self` and `next`, and cursors.
 */
export async function startOkta(organisation: OktaOrganisation): Promise<OktaService> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (organisation.instead?.(requests.length, request, response) === true) return;
    answer(organisation, request, response);
  });
  server.on("connection", (socket) => {
    connections += 1;
    socket.on("close", () => (connections -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address: `http://${OKTA_TOKEN}@${host}`, host, requests, openConnections: () => connections };
}

function answer(
  { users, groups }: OktaOrganisation,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "", `http://${request.headers.host}`);
  if (request.headers.authorization !== `SSWS ${OKTA_TOKEN}`) {
    writeError(response, 401, "E0000011", "Invalid token provided");
    return;
  }
  const group = /^\/api\/v1\/groups\/([^/]+)\/users$/.exec(url.pathname)?.[1];
  if (url.pathname === "/api/v1/users") writePage(response, url, { list: users, max: 200 });
  else if (url.pathname === "/api/v1/groups")
    writePage(response, url, { list: groups.map(({ members: _members, ...rest }) => rest), max: 200 });
  else if (group !== undefined)
    writePage(response, url, { list: groups.find(({ id }) => id === group)?.members ?? [], max: 1_000 });
  else writeError(response, 404, "E0000022", "The endpoint does not support the provided HTTP method");
}

function writePage(
  response: ServerResponse,
  url: URL,
  { list, max }: { readonly list: readonly object[]; readonly max: number },
): void {
  const limit = Math.min(Number(url.searchParams.get("limit") ?? max), max);
  const start = Number(url.searchParams.get("after") ?? 0);
  const links = [`<${url.href}>; rel="self"`];
  if (start + limit < list.length) {
    const next = new URL(url);
    next.searchParams.set("after", String(start + limit));
    links.push(`<${next.href}>; rel="next"`);
  }
  response.setHeader("link", links);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(list.slice(start, start + limit)));
}

/** Answers with an error as Okta writes it. */
export function writeError(response: ServerResponse, status: number, code: string, summary: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ errorCode: code, errorSummary: summary, errorLink: code, errorCauses: [] }));
}
