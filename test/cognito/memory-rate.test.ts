import { describe } from "vitest";
import { describeSharedRateContract } from "../contract/shared-rate-contract.ts";
import { MemoryRate } from "../support/memory-rate.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

// What the tests of the shared pace stand on.
describe("in memory", () => {
  describeSharedRateContract(() => {
    const clock = new VirtualClock();
    const rate = new MemoryRate(clock);
    return { one: rate, other: rate, wait: (ms) => clock.advance(ms) };
  });
});
