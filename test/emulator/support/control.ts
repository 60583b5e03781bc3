import type { Emulator } from "../../../emulator/index.ts";

/** Calls the emulator's controls over HTTP; a string body is sent as it is. An answer that is no success throws. */
export async function callControl(
  emulator: Emulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${emulator.url}/_emulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return response.headers.get("content-type") === "application/json" ? (JSON.parse(text) as unknown) : text;
}
