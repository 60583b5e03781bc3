import { expect, test } from "vitest";
import { callCognito } from "../../emulator/support/raw.ts";
import { startEmulator } from "../emulator.ts";

// Run by test/emulator/validating-proxy.test.ts only, as a suite of its own.
test("says something wrong", async () => {
  await using emulator = await startEmulator();
  await callCognito(emulator, "CreateUserPool", { PoolName: "people" });
  const [pool] = emulator.state.pools.values();
  if (pool === undefined) throw new Error("there is no pool");
  pool.settings = { ...pool.settings, echoed: { ...pool.settings.echoed, Surprise: 1 } };
  const { status } = await callCognito(emulator, "DescribeUserPool", { UserPoolId: pool.settings.id });
  expect(status).toBe(200);
});

test("says nothing wrong", async () => {
  await using emulator = await startEmulator();
  expect((await callCognito(emulator, "CreateUserPool", { PoolName: "people" })).status).toBe(200);
});
