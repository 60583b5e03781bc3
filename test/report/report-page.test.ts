import { statSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { OUTCOMES } from "../../src/core/outcome.ts";
import { adviceOn } from "../../src/core/outcome-advice.ts";
import { html, scriptJson } from "../../src/report/html/markup.ts";
import { writeRunFiles } from "../../src/report/run-files.ts";
import { summarise } from "../../src/report/summary.ts";
import { barriersOn, closeBrowser, HAS_BROWSER, openFile, type OpenedPage } from "../support/browser.ts";
import { jsonOf, runCli, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aReportedRun, nameOf, type ReportedRunSettings } from "../support/reported-run.ts";
import { aTarget, migrateArgs } from "../support/target.ts";

/** The page of a run that was made without the service. */
async function aPage(settings: ReportedRunSettings): Promise<string> {
  const { ledger, runDir } = await aReportedRun(settings);
  await using _closed = ledger;
  await writeRunFiles(ledger, await summarise(ledger, runDir));
  return join(runDir, "report.html");
}

/** Opened, with its table filled. */
async function opened(path: string, options: Parameters<typeof openFile>[1] = {}): Promise<OpenedPage> {
  const result = await openFile(path, options);
  await result.page.waitForSelector("#users-count:not(:empty)", { state: "attached" });
  return result;
}

/** A number of a tile, by the words below it. */
async function tile({ page }: OpenedPage, words: string): Promise<string> {
  return page.locator(".tiles li", { hasText: words }).locator("strong").innerText();
}

function withCommas(count: number | undefined): string {
  return (count ?? 0).toLocaleString("en-US");
}

/** The rows of the table of routes and outcomes. */
async function flowsOn({ page }: OpenedPage): Promise<readonly string[]> {
  return page
    .locator("#flow details tbody tr")
    .evaluateAll((rows) => rows.map((row) => (row.textContent ?? "").trim()));
}

async function expectNumbersOf(result: JsonResult, at: OpenedPage): Promise<void> {
  expect(await tile(at, "in the source")).toBe(withCommas(result.source.rows));
  const isPlan = result.state === "planned";
  for (const kind of isPlan
    ? (["rejected", "skipped"] as const)
    : (["imported", "failed", "rejected", "skipped"] as const))
    expect(await tile(at, kind), kind).toBe(withCommas(result.outcomes[kind]));
  for (const { kind, count } of OUTCOMES.map((each) => ({ kind: each, count: result.outcomes[each] ?? 0 }))) {
    const rows = (await flowsOn(at)).filter((row) => row.includes(kind));
    const sum = rows.reduce((total, row) => total + Number(/\d+$/.exec(row)?.[0]), 0);
    expect(sum, kind).toBe(count);
  }
  for (const { reason, count } of result.reasons) {
    const row = at.page.locator("#causes tbody tr", { hasText: reason }).first();
    expect(await row.locator("td").first().innerText(), reason).toBe(withCommas(count));
  }
  expect(at.complaints).toEqual([]);
  expect(at.requests).toEqual([]);
}

test("what is put into a page is text, whatever it is", () => {
  const evil = `"><img onerror='x' src=&>`;
  expect(html`<a href="${evil}">${evil}</a>`.text).toBe(
    `<a href="&quot;&gt;&lt;img onerror=&#39;x&#39; src=&amp;&gt;">&quot;&gt;&lt;img onerror=&#39;x&#39; src=&amp;&gt;</a>`,
  );
  const item = html`<b>${evil}</b>`;
  expect(html`<i>${[1, undefined, item]}</i>`.text).toBe(`<i>1${item.text}</i>`);
  const json = scriptJson({ name: "</script><!--<script>" }).text;
  expect(json).not.toContain("<");
  expect(JSON.parse(json)).toEqual({ name: "</script><!--<script>" });
});

test("every reason that docs/errors.md names of Cognito or of a sync has advice", () => {
  const [, ofCognito = "", ofSync = ""] =
    /Found by Cognito([^]*?)Said by `poolferry sync`[^|]*([^]*?)\n\n/.exec(
      readFileSync("docs/errors.md", "utf8"),
    ) ?? [];
  const reasons = [...`${ofCognito}${ofSync}`.matchAll(/^\| `([a-z-]+)` \|/gm)].map(
    ([, reason = ""]) => reason,
  );
  expect(reasons.length).toBeGreaterThan(15);
  for (const reason of reasons) expect(adviceOn(reason), reason).toBeDefined();
});

afterAll(closeBrowser);

describe.skipIf(!HAS_BROWSER)("in Chromium", { timeout: 90_000 }, () => {
  test("an Auth0 export that was migrated: its numbers, causes and users, and nothing is loaded", async () => {
    const runDir = join(aFolder(), "run");
    const result = jsonOf(
      await runCli(
        migrateArgs(await aTarget(), `auth0:${resolve("fixtures/demo/auth0-export.json")}`, { runDir }),
      ),
    );
    const path = join(runDir, "report.html");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const at = await opened(path);
    expect(await at.page.title()).toMatch(/^Result: us-east-1_\w+ – poolferry$/);
    expect(await at.page.locator("h1").innerText()).toBe("Result");
    await expectNumbersOf(result, at);
    const users = at.page.locator("#users tbody");
    await expect.poll(() => users.innerText()).toContain("the username is also that of row 11");
    expect(await users.innerText()).toContain("keep the first or the newest");
    for (const link of await at.page.locator("#files a").all()) {
      const name = (await link.getAttribute("href")) ?? "";
      expect(statSync(join(runDir, name)).isFile(), name).toBe(true);
    }
  });

  test.each([
    ["keycloak", "fixtures/keycloak/shop-realm.json"],
    ["csv", "fixtures/csv/crm-export.csv"],
    ["okta", "fixtures/okta/users.json"],
  ])("a plan of %s: the same page, of what would be done", async (type, file) => {
    const runDir = join(aFolder(), "run");
    const { flags } = await aTarget();
    const result = jsonOf(
      await runCli(["plan", "--from", `${type}:${resolve(file)}`, ...flags, "--run-dir", runDir, "--json"]),
    );
    expect(result.state).toBe("planned");
    const at = await opened(join(runDir, "report.html"));
    expect(await at.page.locator("h1").innerText()).toBe("Plan");
    await expectNumbersOf(result, at);
    const waiting =
      result.source.rows - Object.values(result.outcomes).reduce((sum, count) => sum + count, 0);
    expect(await tile(at, "to be sent")).toBe(withCommas(waiting));
    const { forecast = { findings: [], steps: [] } } = result;
    expect(forecast.steps.length).toBeGreaterThan(0);
    for (const { code, severity } of forecast.findings)
      expect(await at.page.locator("#findings li", { hasText: code }).first().innerText()).toContain(
        severity,
      );
    expect(await at.page.locator("#forecast tbody tr").count()).toBe(forecast.steps.length);
    expect(await barriersOn(at.page)).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "nothing bars anybody from it, in %s, wide and narrow",
    async (colorScheme) => {
      const path = await aPage({ users: 900, failed: 150, rejected: 60 });
      const { page } = await opened(path, { colorScheme });
      for (const width of [1280, 380]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await barriersOn(page), `${width} pixels`).toEqual([]);
        // Only what scrolls by itself may be wider.
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      }
    },
  );

  test("the table is filtered by words, outcome and cause, turns its pages, and says what it shows", async () => {
    const { page, complaints } = await opened(await aPage({ users: 900, failed: 150, rejected: 60 }));
    const count = page.locator("#users-count");
    const rows = page.locator("#users tbody tr");
    expect(await count.innerText()).toBe("210 entries; 1 to 100 are shown.");
    expect(await rows.count()).toBe(100);
    await page.getByRole("button", { name: "Next" }).click();
    expect(await count.innerText()).toBe("210 entries; 101 to 200 are shown.");
    await page.getByRole("button", { name: "Last" }).click();
    expect(await rows.count()).toBe(10);
    expect(await page.getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
    await page.getByRole("combobox", { name: "Outcome" }).selectOption({ label: "rejected (60)" });
    expect(await count.innerText()).toBe("60 of 210 entries.");
    await page.getByLabel("Search").fill(nameOf(7).toUpperCase());
    expect(await count.innerText()).toBe("1 of 210 entries.");
    expect(await rows.locator("td").allInnerTexts()).toEqual([
      "7",
      "8",
      expect.stringContaining(nameOf(7)),
      "rejected",
      expect.stringContaining("the number has no country code, in row 7"),
      expect.stringContaining("country code"),
    ]);
    await page.getByLabel("Search").fill("nobody has this");
    expect(await count.innerText()).toBe("0 of 210 entries.");
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await count.innerText()).toBe("210 entries; 1 to 100 are shown.");
    // A cause leads to its users.
    await page.locator("#causes").getByRole("link", { name: "alias-exists" }).click();
    expect(await count.innerText()).toBe("50 of 210 entries.");
    expect(await page.locator("#users-advice").innerText()).toContain("Find who has this address");
    expect(complaints).toEqual([]);
  });

  test("without JavaScript the numbers and charts are there, and the files are named", async () => {
    const { page, complaints } = await openFile(await aPage({ users: 300, failed: 40 }), {
      javaScriptEnabled: false,
    });
    expect(await page.locator(".tiles").innerText()).toContain("260");
    expect(await page.locator("#flow svg").isVisible()).toBe(true);
    expect(await page.locator("#progress svg").isVisible()).toBe(true);
    expect(await page.locator("#causes").innerText()).toContain("import-failed");
    expect(await page.locator("#users-absent").innerText()).toContain("failed.csv");
    expect(await page.locator("#users-form").isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test("in print there are no controls, and it is dark on white", async () => {
    const { page } = await opened(await aPage({ users: 300, failed: 40 }), { colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("#users-form").isVisible()).toBe(false);
    expect(await page.locator("#users-table").isVisible()).toBe(true);
    const colours = await page.evaluate(
      `[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]`,
    );
    expect(colours).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    expect((await page.pdf()).byteLength).toBeGreaterThan(10_000);
  });

  test("names that would be scripts are only shown", async () => {
    const names = [
      "</script><script>alert(1)</script>",
      '"><img/src=x/onerror=alert(2)>',
      "<svg/onload=alert(3)>",
    ];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
    const lines = quoted.flatMap((name) => [`${name},a@example.com,true,x`, `${name},b@example.com,true,x`]);
    const source = aFile(
      `username,email,email_verified,<img onerror=alert(4) src=x>\n${lines.join("\n")}\n`,
      "<img src=x onerror=alert(5)>.csv",
    );
    const runDir = join(aFolder(), "run");
    const { flags } = await aTarget();
    const result = jsonOf(
      await runCli(["plan", "--from", `csv:${source}`, ...flags, "--run-dir", runDir, "--json"]),
    );
    expect(result.outcomes["rejected"]).toBe(6);
    const { page, complaints, requests } = await opened(join(runDir, "report.html"));
    const shown = await page.locator("#users tbody").innerText();
    for (const name of names) expect(shown).toContain(name);
    expect(await page.locator(".facts").innerText()).toContain("<img src=x onerror=alert(5)>.csv");
    expect(await page.locator("#files details").textContent()).toContain("<img onerror=alert(4) src=x>");
    for (const option of await page.locator("#users-reason option").all())
      await page.getByRole("combobox", { name: "Cause" }).selectOption(await option.getAttribute("value"));
    await page.getByLabel("Search").fill("<svg/onload=alert(3)>");
    expect(await page.locator("img, script:not([id]):not([type=module]), body svg[onload]").count()).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
  });
});
