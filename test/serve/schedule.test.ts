import { expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import { readSchedule, ticksOf, type MissedTicks, type Schedule } from "../../src/serve/schedule.ts";

function ticksAfter(pattern: string, timezone: string, after: string, count: number): readonly string[] {
  return readSchedule(pattern, timezone)
    .next(new Date(after), count)
    .map((tick) => tick.toISOString());
}

test("five fields begin with the minute, six with the second, in UTC unless a zone is named", () => {
  const after = new Date("2027-01-04T10:07:30Z");
  expect(readSchedule("*/15 * * * *").next(after, 1)).toEqual([new Date("2027-01-04T10:15:00Z")]);
  expect(readSchedule("45 * * * * *").next(after, 1)).toEqual([new Date("2027-01-04T10:07:45Z")]);
  expect(readSchedule("@daily").next(after, 1)).toEqual([new Date("2027-01-05T00:00:00Z")]);
  expect(readSchedule("0 2 * * MON-FRI", "Europe/Berlin").next(after, 1)).toEqual([
    new Date("2027-01-05T01:00:00Z"),
  ]);
});

test("the next tick is after a time, the latest is not", () => {
  const schedule = readSchedule("0 * * * *");
  const tick = new Date("2027-01-04T10:00:00Z");
  expect(schedule.next(tick, 1)).toEqual([new Date("2027-01-04T11:00:00Z")]);
  expect(schedule.latest(tick)).toEqual(tick);
  expect(schedule.latest(new Date("2027-01-04T10:59:59.999Z"))).toEqual(tick);
  expect(schedule.latest(new Date("2027-01-04T09:59:59.999Z"))).toEqual(new Date("2027-01-04T09:00:00Z"));
});

test.each([
  ["30 2 * * *", ["2027-03-27T01:30:00.000Z", "2027-03-28T01:00:00.000Z", "2027-03-29T00:30:00.000Z"]],
  ["30 2,14 * * *", ["2027-03-27T01:30:00.000Z", "2027-03-27T13:30:00.000Z", "2027-03-28T01:00:00.000Z"]],
])("%s is not lost in the night in which it does not exist", (pattern, ticks) => {
  expect(ticksAfter(pattern, "Europe/Berlin", "2027-03-27T00:00:00Z", 3)).toEqual(ticks);
});

test("a named time that comes twice in a night is a tick once, and steps go on evenly", () => {
  expect(ticksAfter("30 2 * * *", "Europe/Berlin", "2027-10-30T12:00:00Z", 2)).toEqual([
    "2027-10-31T00:30:00.000Z",
    "2027-11-01T01:30:00.000Z",
  ]);
  expect(ticksAfter("*/30 2 * * *", "Europe/Berlin", "2027-10-30T12:00:00Z", 4)).toEqual([
    "2027-10-31T00:00:00.000Z",
    "2027-10-31T00:30:00.000Z",
    "2027-10-31T01:00:00.000Z",
    "2027-10-31T01:30:00.000Z",
  ]);
});

test.each([
  ["* * * *", /5 fields, or 6 with seconds/],
  ["* * * * * * *", /5 fields, or 6 with seconds/],
  ["", /5 fields/],
  ["nightly", /5 fields/],
  ["61 * * * *", /minute: 61/],
  ["0 25 * * *", /hour: 25/],
  ["0 2 * * FOO", /FOO/],
  ["5/5 * * * *", /5\/5/],
  ["*/0 * * * *", /stepping: 0/],
  ["0 0 30 2 *", /no such date/],
  ["2030-01-01T00:00:00", /no pattern/],
  ["@reboot", /@reboot/],
])("the pattern %j is refused, and what is wrong with it is named", (pattern, why) => {
  const read = (): unknown => readSchedule(pattern);
  expect(read).toThrow(FerryError);
  expect(read).toThrow(why);
  expect(read).toThrow(expect.objectContaining({ code: "USAGE", exitCode: 2 }));
});

test("a zone that is not known is refused by its name", () => {
  expect(() => readSchedule("@daily", "Mars/Olympus")).toThrow("--timezone Mars/Olympus is no time zone");
});

test("of ticks that came while nobody could look, only the last is given, and the others are told", async () => {
  const start = Date.now() - 10_000;
  const at = (second: number): Date => new Date(start + second * 1000);
  // As a machine that fell asleep while it waited for the first of them.
  const times = [0, 1, 2, 3, 3600].map(at);
  const schedule: Schedule = {
    pattern: "",
    timezone: "UTC",
    next: (after, count) => times.filter((time) => time > after).slice(0, count),
    latest: (upTo) => (upTo > at(5) ? at(3) : at(0)),
  };
  const missed: MissedTicks[] = [];
  const { signal } = new AbortController();
  // The first look is before the sleep.
  let looks = 0;
  const sleepy = { ...schedule, latest: (upTo: Date) => (looks++ === 0 ? at(0) : schedule.latest(upTo)) };
  const ticks = ticksOf(sleepy, { signal, catchUp: true, onMissed: (each) => missed.push(each) });
  expect((await ticks.next()).value).toEqual(at(3));
  expect(missed).toEqual([{ latest: at(2), count: 3 }]);
});
