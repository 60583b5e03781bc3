import { invalidParameter } from "./error.ts";
import { sha256 } from "./signature.ts";

/** The greatest page of Cognito's lists, and the default (API model and documentation). */
const MEMBERS_IN_PAGE = 60;

/** The length of the page that a request asks for; that a Limit of 0 means the default is a guess. */
export function pageLimit(limit: number | undefined): number {
  return limit === undefined || limit === 0 ? MEMBERS_IN_PAGE : limit;
}

/** Writes a token for the page that begins at a place. It holds to the list that it was made for. */
export function writePageToken(list: string, place: number): string {
  return Buffer.from(`${place} ${fingerprint(list)}`).toString("base64url");
}

/** The place where a request's page begins: its token's, or the beginning. The words are reported for ListUsers. */
export function readPageToken(list: string, token: string | undefined): number {
  if (token === undefined) return 0;
  const [place, print] = Buffer.from(token, "base64url").toString().split(" ");
  if (place === undefined || !/^\d+$/.test(place) || print !== fingerprint(list)) {
    throw invalidParameter("Paging Marker is Invalid");
  }
  return Number(place);
}

function fingerprint(list: string): string {
  return sha256(list).slice(0, 16);
}
