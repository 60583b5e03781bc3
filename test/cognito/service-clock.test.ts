import { expect, test } from "vitest";
import { ServiceClock } from "../../src/cognito/service-clock.ts";

test("without an answer the machine's clock counts", () => {
  expect(Math.abs(new ServiceClock().now() - Date.now())).toBeLessThan(1_000);
});

test("the service's time goes on from its last answer, whatever the machine's clock says", () => {
  const clock = new ServiceClock();
  clock.hear("Tue, 15 Nov 1994 08:12:31 GMT");
  const told = clock.now() - Date.UTC(1994, 10, 15, 8, 12, 31);
  expect(told).toBeGreaterThanOrEqual(-1);
  expect(told).toBeLessThan(1_000);
});

test.each([undefined, "", "yesterday"])("a header of %j is passed over", (date) => {
  const clock = new ServiceClock();
  clock.hear("Tue, 15 Nov 1994 08:12:31 GMT");
  clock.hear(date);
  expect(new Date(clock.now()).getUTCFullYear()).toBe(1994);
});
