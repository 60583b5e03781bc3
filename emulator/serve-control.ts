import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { pipeline } from "node:stream/promises";

import type { Control } from "./control/control.ts";
import { readDump } from "./control/read-dump.ts";
import { readRules, writeRules } from "./control/read-rules.ts";
import { readBody } from "./wire/read-body.ts";

const PREFIX = "/_emulator/";

/** Whether a request path leads to the controls. */
export function isControlPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** A request to the controls. */
interface ControlRequest {
  readonly control: Control;
  readonly request: IncomingMessage;
  /** What follows the first part of the path. */
  readonly name: string;
}

/** What comes back: a value, written as JSON, or lines of JSON. */
type ControlAnswer = { readonly json: unknown } | { readonly lines: Iterable<unknown> };

const NOTHING: ControlAnswer = { json: {} };

/** The controls by method and first part of the path. */
const ROUTES: Readonly<Record<string, (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>>> =
  {
    "GET stats": ({ control }) => ({ json: control.stats() }),
    "GET outbox": ({ control }) => ({ json: control.outbox }),
    "DELETE outbox": ({ control }) => {
      control.clearOutbox();
      return NOTHING;
    },
    "GET dump": ({ control }) => ({ lines: control.dump() }),
    "PUT dump": async ({ control, request }) => {
      await control.restore(readDump(request));
      return NOTHING;
    },
    "DELETE dump": ({ control }) => {
      control.reset();
      return NOTHING;
    },
    "GET rules": ({ control }) => ({ json: writeRules(control.rules) }),
    "PATCH rules": async ({ control, request }) => {
      control.changeRules(readRules(await readJson(request)));
      return { json: writeRules(control.rules) };
    },
    "GET quotas": ({ control }) => ({ json: control.quotas }),
    "PUT quotas": async ({ control, request }) => {
      const { QUOTA_CHANGE } = await import("./control/request-shapes.ts");
      control.changeQuotas(QUOTA_CHANGE.parse(await readJson(request)));
      return { json: control.quotas };
    },
    "GET faults": ({ control }) => ({ json: control.faults }),
    "POST faults": async ({ control, request }) => {
      const { PLANNED_FAULT } = await import("./control/request-shapes.ts");
      control.planFault(PLANNED_FAULT.parse(await readJson(request)));
      return { json: control.faults };
    },
    "DELETE faults": ({ control }) => {
      control.clearFaults();
      return NOTHING;
    },
    "GET held": async ({ control, name }) => {
      return { json: name === "" ? control.held : await control.waitUntilHeld(name) };
    },
    "DELETE held": async ({ control, name, request }) => {
      const { RELEASE } = await import("./control/request-shapes.ts");
      return { json: { released: control.release(name, RELEASE.parse(await readJson(request)).how) } };
    },
    "GET clock": ({ control }) => clockAnswer(control),
    "PATCH clock": async ({ control, request }) => {
      const { CLOCK_CHANGE } = await import("./control/request-shapes.ts");
      const { stopAtMs, advanceMs, run, reset } = CLOCK_CHANGE.parse(await readJson(request));
      if (reset === true) control.clock.reset();
      if (stopAtMs !== undefined) control.clock.stopAt(stopAtMs);
      if (advanceMs !== undefined) control.clock.advance(advanceMs);
      if (run === true) control.clock.run();
      return clockAnswer(control);
    },
  };

/** Answers a request to the controls. What is wrong with it comes back as `{ "error": … }`. */
export async function serveControl(
  request: IncomingMessage,
  response: ServerResponse,
  control: Control,
): Promise<void> {
  if (request.headers.origin !== undefined || !isOwnName(request.headers.host)) {
    // A page in a browser must neither steer nor read what runs on its user's machine.
    return writeJson(response, 403, { error: "The controls do not answer web pages." });
  }
  const { pathname } = new URL(request.url ?? "", "http://emulator");
  const [part = "", ...rest] = pathname.slice(PREFIX.length).split("/");
  const route = ROUTES[`${request.method ?? ""} ${part}`];
  if (route === undefined) {
    const error = `There is no ${request.method ?? ""} ${pathname} here. There are: ${Object.keys(ROUTES).join(", ")}, and held/NAME`;
    return writeJson(response, 404, { error });
  }
  try {
    const name = decodeURIComponent(rest.join("/"));
    const answer = await route({ control, request, name });
    if ("json" in answer) return writeJson(response, 200, answer.json);
    return await writeLines(response, answer.lines);
  } catch (error) {
    // The controls are for the test's author, so every trouble is told in full.
    if (response.headersSent) {
      // A dump that goes wrong half way ends without its last chunk, so that nobody takes it for a whole one.
      response.destroy();
      return;
    }
    return writeJson(response, 400, { error: await wordsOf(error) });
  }
}

async function wordsOf(error: unknown): Promise<string> {
  const { z } = await import("zod");
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}

// Under a name of its own that it has pointed here, a page reads without an Origin. Such a name ends in a public
// domain; those of machines and containers have no dot or one of these ends, and addresses no name.
function isOwnName(host = ""): boolean {
  if (host === "") return true;
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return (
    !hostname.includes(".") ||
    isIP(hostname) !== 0 ||
    [".localhost", ".local", ".internal"].some((end) => hostname.endsWith(end))
  );
}

function clockAnswer({ clock }: Control): ControlAnswer {
  return { json: { nowMs: clock.now(), isStanding: clock.isStanding } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request, Infinity))?.toString("utf8") ?? "";
  return text === "" ? {} : (JSON.parse(text) as unknown);
}

function writeJson(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** Lines of JSON, in pieces of some size: a dump may be larger than the longest string. */
async function writeLines(response: ServerResponse, lines: Iterable<unknown>): Promise<void> {
  const pieces = gather(lines);
  // The first piece comes before the head, so that a dump that is refused can still say so.
  const { value: first } = pieces.next();
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.write(first ?? "");
  try {
    await pipeline(pieces, response);
  } catch (error) {
    // Whoever asked has gone.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

function* gather(lines: Iterable<unknown>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += `${JSON.stringify(line)}\n`;
    if (piece.length > PIECE_LENGTH) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

const PIECE_LENGTH = 256 * 1024;
