import { statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { writeRunFiles } from "../../src/report/run-files.ts";
import { summarise } from "../../src/report/summary.ts";
import { closeBrowser, HAS_BROWSER, openFile } from "../support/browser.ts";
import { aReportedRun, nameOf, type ReportedRunSettings } from "../support/reported-run.ts";

/** What each action may take the page of a processor's time: other tests take their share, so a clock would tell of them. */
const MOST_MS = 1_000;
const MOST_BYTES = 15_000_000;

async function aPage(settings: ReportedRunSettings): Promise<string> {
  const { ledger, runDir } = await aReportedRun(settings);
  await using _closed = ledger;
  await writeRunFiles(ledger, await summarise(ledger, runDir));
  return join(runDir, "report.html");
}

/** Until the page says what its table shows. */
function counted(page: Page, text: string): Promise<void> {
  return page
    .locator("#users-count", { hasText: new RegExp(`^${text}`) })
    .waitFor({ state: "attached", timeout: 60_000 });
}

interface Action {
  readonly what: string;
  /** Of the page's thread. */
  readonly processorMs: number;
}

/** Times actions on a page. */
async function timerOn(
  page: Page,
): Promise<(what: string, ...acts: readonly (() => Promise<unknown>)[]) => Promise<Action>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
  return async (what, ...acts) => {
    const [before, begun] = [await spent(), performance.now()];
    await Promise.all(acts.map((act) => act()));
    const ms = performance.now() - begun;
    const processorMs = (await spent()) - before;
    console.log(`  ${what}: ${Math.round(ms)} ms, of which ${Math.round(processorMs)} ms of the page's`);
    return { what, processorMs };
  };
}

afterAll(closeBrowser);

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
      const { page, complaints } = await openFile(path);
      const all = `${listed} entries`;
      await counted(page, all);
      const timed = await timerOn(page);
      const search = page.getByLabel("Search");
      const cause = page.getByRole("combobox", { name: "Cause" });
      const actions = [
        await timed("open", async () => {
          await page.reload();
          await counted(page, all);
        }),
        await timed(
          "first search",
          () => search.fill(nameOf(settings.users)),
          () => counted(page, `1 of ${listed}`),
        ),
        await timed(
          "no search",
          () => search.fill(""),
          () => counted(page, all),
        ),
        await timed(
          "cause",
          () => cause.selectOption("alias-exists"),
          () => counted(page, `1,666 of ${listed}`),
        ),
        await timed(
          "search in it",
          () => search.fill("bjorn mail."),
          () => counted(page, `\\d+ of ${listed} entries`),
        ),
        await timed(
          "no search in it",
          () => search.fill(""),
          () => counted(page, `1,666 of ${listed}`),
        ),
        await timed("last page", () => page.getByRole("button", { name: "Last" }).click()),
      ];
      expect(await page.locator("#users tbody tr").count()).toBe(66);
      for (const { what, processorMs } of actions) expect(processorMs, what).toBeLessThan(MOST_MS);
      expect(complaints).toEqual([]);
    },
  );

  test("of more users than fit it lists the first, and names the files that have all", async () => {
    const path = await aPage({ users: 200_100, failed: 50, rejected: 200_000 });
    expect(statSync(path).size).toBeLessThan(MOST_BYTES);
    const { page, complaints } = await openFile(path);
    await counted(page, "200,000 entries");
    expect(await page.locator("#users-cut").innerText()).toBe(
      "There are more than fit into this page: rejected.csv has all of them.",
    );
    // Those who were refused come first.
    expect(await page.locator("#users-kind").innerText()).toContain("failed (50)");
    expect(complaints).toEqual([]);
  });
});
