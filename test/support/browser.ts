import { readFileSync } from "node:fs";
import type Axe from "axe-core";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { isInstalled } from "./programs.ts";

const PROGRAM = "chromium";

/** Whether pages can be looked at here as people see them. */
export const HAS_BROWSER = isInstalled(PROGRAM, "looking at pages");

let running: Promise<Browser> | undefined;

/** One for all tests of a file, with nothing in its profile; the file closes it by {@link closeBrowser}. */
function browser(): Promise<Browser> {
  running ??= chromium.launch({
    executablePath: `/usr/bin/${PROGRAM}`,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return running;
}

/** A page that was opened, and what came of that. */
export interface OpenedPage {
  readonly page: Page;
  /** What the page has complained of so far. */
  readonly complaints: readonly string[];
  /** Every address that was asked for beside the file itself. */
  readonly requests: readonly string[];
}

/** Opens a file in Chromium, in a context of its own that ends with the test. */
export async function openFile(path: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  return openUrl(pathToFileURL(path).href, options);
}

/** Opens an address in the same way. */
export async function openUrl(url: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) requests.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, requests };
}

/** Ends the browser that the tests of a file have had, if any. */
export async function closeBrowser(): Promise<void> {
  const open = running;
  running = undefined;
  await (await open)?.close();
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What keeps people from using the page, by the rules of axe: WCAG 2.2 A and AA, and its best practices. */
export async function barriersOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof Axe };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
  return found;
}
