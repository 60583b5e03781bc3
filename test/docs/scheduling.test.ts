import { spawnSync } from "node:child_process";
import { Command } from "commander";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { addServiceOptions } from "../../src/cli/run-service.ts";
import { EXIT_CODES, EXIT_NAMES } from "../../src/core/ferry-error.ts";
import { readSchedule } from "../../src/serve/schedule.ts";
import { SKIP_REASONS } from "../../src/serve/service-event.ts";
import { MAX_FAILURES, MAX_STALE_TICKS, MAX_SYNC_MS } from "../../src/serve/service-state.ts";
import { aFolder } from "../support/files.ts";
import { blocksOf } from "../support/pages.ts";
import { isInstalled } from "../support/programs.ts";
import { Service, SERVICE_DEADLINE_MS } from "../support/service-process.ts";
import { aService, NEVER } from "../support/service.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { aTarget } from "../support/target.ts";

const PAGE = readFileSync("docs/scheduling.md", "utf8");

const blocks = (language: string): readonly string[] => blocksOf(PAGE, language);

/** Every object of a kind in the YAML of the page, at any depth. */
function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inside : [value as Readonly<Record<string, unknown>>, ...inside];
}

const OBJECTS = blocks("yaml").flatMap((text) =>
  parseAllDocuments(text).flatMap((document) => objectsIn(document.toJS() as unknown)),
);

test("all YAML of the page is YAML, without a key twice", () => {
  expect(blocks("yaml").length).toBeGreaterThan(4);
  for (const text of blocks("yaml")) {
    for (const document of parseAllDocuments(text)) {
      expect([...document.errors, ...document.warnings], text).toEqual([]);
      expect(document.toJS()).toBeTypeOf("object");
    }
  }
});

test("its jobs do not overlap and are not repeated, and no restart is asked for by what a quarantine fails", () => {
  const cronJob = OBJECTS.find(({ kind }) => kind === "CronJob");
  expect(cronJob).toMatchObject({
    spec: {
      concurrencyPolicy: "Forbid",
      jobTemplate: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: "Never" } } } },
    },
  });
  const probes = OBJECTS.filter((object) => "livenessProbe" in object);
  expect(probes).toHaveLength(1);
  expect(probes[0]).toMatchObject({
    livenessProbe: { httpGet: { path: "/livez" } },
    readinessProbe: { httpGet: { path: "/healthz" } },
  });
});

test("its schedules can be read", () => {
  const patterns = [
    ...PAGE.matchAll(/--schedule\s+(?:-\s+)?"([^"]+)"/g),
    ...PAGE.matchAll(/schedule: "([^"]+)"/g),
  ];
  expect(patterns.length).toBeGreaterThan(2);
  for (const [, pattern = ""] of patterns) expect(() => readSchedule(pattern), pattern).not.toThrow();
});

test("it lists the service's flags, all of them", () => {
  const rows = /\| flag \|[^]*?\n\n/.exec(PAGE)?.[0] ?? "";
  const { options } = addServiceOptions(new Command());
  for (const { long } of options) expect(rows).toContain(`| \`${long}\` |`);
  const [, listen] = /`--listen` \| [^|]*`([\d.:]+)` by default/.exec(rows) ?? [];
  expect(options.find(({ long }) => long === "--listen")?.description).toContain(`(default: ${listen})`);
});

test("it lists every exit code once", () => {
  const rows = /\| code \|[^]*?\n\n/.exec(PAGE)?.[0] ?? "";
  const codes = [...rows.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(EXIT_CODES));
});

test("it says when the service is unhealthy as the code does", () => {
  expect(PAGE).toContain(`the last ${MAX_FAILURES} syncs failed`);
  expect(PAGE).toContain(`no sync came to its end for ${MAX_STALE_TICKS} ticks`);
  expect(PAGE).toContain(`more than ${MAX_SYNC_MS / 3_600_000} hours`);
});

test("its metrics are those that are served, with the words of their labels, and its alerts ask for no other", async () => {
  const text = await (await aService({ schedule: NEVER }).get("/metrics")).text();
  const served = [...text.matchAll(/^# TYPE (poolferry_\w+)/gm)].map(([, name]) => name);
  const rows = /\| metric \|[^]*?\n\n/.exec(PAGE)?.[0] ?? "";
  const listed = [...rows.matchAll(/^\| `(poolferry_\w+)/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(served.toSorted());
  for (const word of [...EXIT_NAMES, ...SKIP_REASONS]) expect(rows).toContain(`\`${word}\``);
  for (const [, word] of text.matchAll(/^poolferry_\w+\{(?:kind|state)="(\w+)"\}/gm))
    expect(rows).toContain(`\`${word}\``);
  const rules = OBJECTS.filter((object) => typeof object["alert"] === "string");
  expect(rules.length).toBeGreaterThan(3);
  for (const { expr } of rules)
    for (const [name] of String(expr).matchAll(/poolferry_\w+/g)) expect(served).toContain(name);
});

test("its service answers, and ends when it is told to", { timeout: SERVICE_DEADLINE_MS }, async () => {
  const [command = "", ...others] = blocksOf(PAGE, "sh");
  const [, pattern = ""] = /^poolferry sync --config ferry\.yaml --schedule "([^"]+)"\n$/.exec(command) ?? [];
  expect(others.join("")).not.toContain("poolferry sync ");
  const service = new Service(new SyncCommand(await aTarget()), "--schedule", pattern);
  expect(await (await service.get("/healthz")).json()).toMatchObject({ status: "ok" });
  expect(await service.stop()).toMatchObject({ exitCode: 0 });
});

test.skipIf(!isInstalled("systemd-analyze", "the check of the units in docs/scheduling.md"))(
  "systemd takes its units as they stand, but for programs that are not here",
  () => {
    const folder = aFolder();
    const paths = blocks("ini").map((text) => {
      const [, path = ""] = /^# (\/etc\/systemd\/system\/\S+)$/m.exec(text) ?? [];
      const unit = join(folder, basename(path).replace("@.", "@poolferry-sync.service."));
      writeFileSync(unit, text.replaceAll(/\/usr\/local\/bin\/[\w-]+/g, "/bin/true"));
      return unit;
    });
    expect(paths).toHaveLength(4);
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], {
      encoding: "utf8",
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
    });
    const ours = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("poolferry"));
    expect(ours).toEqual([]);
    expect(status).toBe(0);
  },
);
