import { statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { writeOutcomeFiles } from "../../src/report/outcome-files.ts";
import { summarise } from "../../src/report/summary.ts";
import { HAS_BROWSER, openFile } from "../support/browser.ts";
import { aReportedRun, nameOf, type ReportedRunSettings } from "../support/reported-run.ts";

/** What each may take here, where other tests take the processors: a second is for a quiet machine. */
const MOST_MS = 3_000;
const MOST_BYTES = 15_000_000;

async function aPage(settings: ReportedRunSettings): Promise<string> {
  const { ledger, runDir } = await aReportedRun(settings);
  await using _closed = ledger;
  const summary = await summarise(ledger, runDir);
  const begun = performance.now();
  await writeOutcomeFiles(ledger, summary);
  console.log(`  files written in ${Math.round(performance.now() - begun)} ms`);
  return join(runDir, "report.html");
}

/** Does something until the page has said what it shows, and tells how long that took. */
async function timed(what: string, act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  const ms = performance.now() - begun;
  console.log(`  ${what}: ${Math.round(ms)} ms`);
  return ms;
}

const counted = (page: Page, text: string) =>
  page.waitForFunction(
    `document.querySelector("#users-count")?.textContent.startsWith(${JSON.stringify(text)})`,
    undefined,
    { polling: "raf", timeout: MOST_MS },
  );

describe.skipIf(!HAS_BROWSER)("in Chromium", { timeout: 120_000 }, () => {
  test.each([
    { users: 100_000, failed: 5_000, listed: "5,000" },
    { users: 100_000, failed: 5_000, rejected: 95_000, listed: "100,000" },
  ])(
    "a page of $users users, with a table of $listed: light, and quick to open and to filter",
    async ({ listed, ...settings }) => {
      const path = await aPage(settings);
      console.log(`  ${listed} listed: ${statSync(path).size} bytes`);
      expect(statSync(path).size).toBeLessThan(MOST_BYTES);
      // The browser is there already when a person opens a file.
      await openFile(path);
      let opened: Awaited<ReturnType<typeof openFile>> | undefined;
      const times = [
        await timed("opened", async () => {
          opened = await openFile(path);
          await counted(opened.page, `${listed} entries`);
        }),
      ];
      if (opened === undefined) throw new Error("nothing was opened");
      const { page, complaints } = opened;
      const last = nameOf(settings.users);
      const search = page.getByLabel("Search");
      const cause = page.getByRole("combobox", { name: "Cause" });
      times.push(
        await timed("first search", () => Promise.all([search.fill(last), counted(page, `1 of ${listed}`)])),
        await timed("cleared", () => Promise.all([search.fill(""), counted(page, `${listed} entries`)])),
        await timed("cause", () =>
          Promise.all([cause.selectOption("alias-exists"), counted(page, `1,666 of ${listed}`)]),
        ),
        await timed("search in it", () =>
          Promise.all([search.fill("@"), counted(page, `1,666 of ${listed}`)]),
        ),
        await timed("last page", () => page.getByRole("button", { name: "Last" }).click()),
      );
      expect(await page.locator("#users tbody tr").count()).toBe(66);
      for (const ms of times) expect(ms).toBeLessThan(MOST_MS);
      expect(complaints).toEqual([]);
    },
  );
});
