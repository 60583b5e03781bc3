import type { IncomingMessage, ServerResponse } from "node:http";

/** Headers that a page may read of an answer. */
const EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date";

/**
 * Lets pages of any origin call the APIs, as apps in browsers do at AWS; answers their preflight requests, and
 * tells whether this was one.
 */
export function allowPages({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  if (headers.origin === undefined) return false;
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", EXPOSED);
  const asked = headers["access-control-request-headers"];
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false;
  response.writeHead(200, {
    "access-control-allow-methods": "POST,GET",
    ...(asked === undefined ? {} : { "access-control-allow-headers": asked }),
    "access-control-max-age": "172800",
    "content-length": 0,
  });
  response.end();
  return true;
}
