import { FerryError } from "../core/ferry-error.ts";

/** Throws USAGE unless the text is an http or https URL, without a user and password: the ledger would keep these. */
export function requireUrl(url: string, from = "--endpoint-url"): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && parsed.username + parsed.password !== "") {
    throw new FerryError("USAGE", `The address of ${parsed.host} holds a user or a password`, {
      hint: "Leave them out: requests are signed with AWS credentials, and nothing else is sent",
    });
  }
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return url;
  throw new FerryError("USAGE", `${from} ${url} is not an http or https URL`, {
    hint: "For instance http://127.0.0.1:9229",
  });
}
