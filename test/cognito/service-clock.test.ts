import { expect, onTestFinished, test, vi } from "vitest";
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

test("an answer that was long on its way does not set the clock back", () => {
  const clock = new ServiceClock();
  clock.hear("Tue, 15 Nov 1994 08:12:31 GMT");
  clock.hear("Tue, 15 Nov 1994 08:12:01 GMT");
  expect(clock.now() - Date.UTC(1994, 10, 15, 8, 12, 31)).toBeGreaterThanOrEqual(-1);
});

test("an answer counts for a minute or two, so that clocks that drift apart come together again", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = new ServiceClock();
  clock.hear("Tue, 15 Nov 1994 08:00:10 GMT");
  for (const minute of ["01", "02", "03"]) {
    vi.advanceTimersByTime(61_000);
    clock.hear(`Tue, 15 Nov 1994 08:${minute}:00 GMT`);
  }
  expect(clock.now()).toBe(Date.UTC(1994, 10, 15, 8, 3, 1));
});
