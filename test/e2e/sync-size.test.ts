import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { measure } from "../../bench/measure.ts";
import { writePeople } from "../../bench/people.ts";
import type { SyncSummary } from "../../src/run/sync-summary.ts";
import { BIN, LOCAL_ENV } from "../support/cli.ts";
import { aFilledPool, type Inhabitant } from "../support/filled-pool.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { seenIn } from "../support/sync.ts";

const USERS = 20_000;

/** Measured at 100,000 and 300,000 users too, where it is about as much; with room for another machine. */
const MEGABYTES = 330;

function* inhabitants(): Generator<Inhabitant> {
  for (let number = 1; number <= USERS; number += 1) {
    yield {
      username: `person${number}`,
      attributes: {
        email: `person.${number}@mail.example.com`,
        email_verified: "true",
        given_name: "Zoë",
        name: `Zoë Nowak ${number}`,
      },
      enabled: number % 200 !== 2,
      groups: number % 100 === 4 ? [`team${number % 7}`] : [],
    };
  }
}

test(
  `of ${USERS} users a sync lists 60 with each call, writes one user who changed once, and stays small`,
  { timeout: 120_000 },
  async () => {
    const rate = 100_000;
    const target = await aFilledPool(
      inhabitants(),
      {},
      { quotas: { categories: { UserList: rate, UserResourceRead: rate, UserUpdate: rate } } },
    );
    const command = new SyncCommand(target, { sync: { adopt: "matching" } });
    const sync = async (
      counts: Partial<SyncSummary["counts"]>,
    ): Promise<Readonly<Record<string, number>>> => {
      const before = new Map(target.emulator.requestCounts);
      const args = ["sync", "--config", command.config, "--json"];
      const { peakMegabytes, ...result } = await measure(process.execPath, [BIN, ...args], LOCAL_ENV);
      expect(result.exitCode, result.stderr).toBe(0);
      const summary = JSON.parse(result.stdout) as SyncSummary;
      expect(summary).toMatchObject({ sourceRows: USERS, managedUsers: USERS, counts });
      // Only Linux tells the peak of one process.
      if (peakMegabytes !== undefined) expect(peakMegabytes).toBeLessThan(MEGABYTES);
      const { runDir = "" } = summary;
      for (const name of readdirSync(runDir).filter((each) => each !== "identity-map.csv"))
        expect(statSync(join(runDir, name)).size, name).toBeLessThan(10_000);
      return Object.fromEntries(
        [...target.emulator.requestCounts].map(([name, count]) => [name, count - (before.get(name) ?? 0)]),
      );
    };
    const writesOf = (calls: Readonly<Record<string, number>>) =>
      Object.entries(calls).filter(
        ([name, count]) => count > 0 && !/^(Describe|List|GetCSVHeader|GetProvisionedLimit)/.test(name),
      );
    const pages = Math.ceil(USERS / 60);
    writePeople(command.path, USERS);
    const adopting = await sync({ adopted: USERS, unchanged: USERS });
    expect(adopting["ListUsers"]).toBe(pages);
    expect(writesOf(adopting)).toEqual([]);
    const quiet = await sync({ adopted: 0, unchanged: USERS });
    expect(quiet["ListUsers"]).toBe(pages);
    expect(writesOf(quiet)).toEqual([]);
    writePeople(command.path, USERS, 10_000);
    const changing = await sync({ updated: 1, unchanged: USERS - 1 });
    expect(changing["ListUsers"]).toBe(pages);
    expect(writesOf(changing)).toEqual([["AdminUpdateUserAttributes", 1]]);
    expect(seenIn(target).get("person10000")?.attributes["name"]).toBe("Another Name");
  },
);
