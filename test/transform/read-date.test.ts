import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/core/row.ts";
import { explainDateFormat, readDate } from "../../src/transform/read-date.ts";

function outcome(value: JsonValue, format: string, zone?: string): string {
  const read = readDate(value, format, zone);
  return typeof read === "string" ? read : `! ${read.code}: ${read.message}`;
}

describe.each<[string, string | undefined, readonly (readonly [JsonValue, string | RegExp])[]]>([
  [
    "epoch-s",
    undefined,
    [
      [1471453471, "2016-08-17T17:04:31Z"],
      ["1471453471", "2016-08-17T17:04:31Z"],
      ["1471453471.5", "2016-08-17T17:04:31.500Z"],
      [0, "1970-01-01T00:00:00Z"],
      [1471453471000, /1970 and 2100/],
      [-1, /1970 and 2100/],
      ["2016-08-17", /format epoch-s/],
      ["", ""],
      [null, ""],
      [true, /format epoch-s/],
      [{ $date: 1 }, /format epoch-s/],
    ],
  ],
  [
    "epoch-ms",
    undefined,
    [
      [1471453471000, "2016-08-17T17:04:31Z"],
      ["1471453471123", "2016-08-17T17:04:31.123Z"],
      // Seconds in place of milliseconds: within the span, so they are believed.
      [1471453471, "1970-01-18T00:44:13.471Z"],
      [-620524800000, /1970 and 2100/],
      [1e300, /format epoch-ms/],
    ],
  ],
  [
    "filetime",
    undefined,
    [
      ["131159270710000000", "2016-08-17T17:04:31Z"],
      [131159270710000000, "2016-08-17T17:04:31Z"],
      ["0", /never/],
      [0, /never/],
      ["9223372036854775807", /never/],
      [2 ** 63, /never/],
      ["1", /1970 and 2100/],
      ["-1", /format filetime/],
    ],
  ],
  [
    "generalized-time",
    undefined,
    [
      ["20160817170431Z", "2016-08-17T17:04:31Z"],
      ["20160817170431.0Z", "2016-08-17T17:04:31Z"],
      ["20160817170431.25Z", "2016-08-17T17:04:31.250Z"],
      ["20160817190431,5+0200", "2016-08-17T17:04:31.500Z"],
      ["20160817150431-02", "2016-08-17T17:04:31Z"],
      ["201608171704Z", "2016-08-17T17:04:00Z"],
      ["201608171704.5Z", "2016-08-17T17:04:30Z"],
      ["2016081717.25Z", "2016-08-17T17:15:00Z"],
      ["20160817170431", /format generalized-time/],
      ["20160230170431Z", /format generalized-time/],
      ["20160817250431Z", /format generalized-time/],
      ["160817170431Z", /format generalized-time/],
      ["2016-08-17T17:04:31Z", /format generalized-time/],
      ["00000101000000Z", /1970 and 2100/],
      ["", ""],
    ],
  ],
  [
    "iso",
    undefined,
    [
      ["2016-08-17T17:04:31Z", "2016-08-17T17:04:31Z"],
      ["2016-08-17T19:04:31.5+02:00", "2016-08-17T17:04:31.500Z"],
      ["2016-08-17 19:04:31 +0200", "2016-08-17T17:04:31Z"],
      ["2016-08-17 17:04:31 UTC", "2016-08-17T17:04:31Z"],
      ["20160817T170431Z", "2016-08-17T17:04:31Z"],
      ["2016-08-17", "2016-08-17"],
      ["1904-03-09", "1904-03-09"],
      ["20160817", "2016-08-17"],
      ["2016-08-17T17:04:31", /states no zone/],
      ["2016-02-30", /format iso/],
      ["0000-00-00 00:00:00", /format iso/],
      ["0000-05-17", /format iso/],
      ["2016", /format iso/],
      ["2016-08", /format iso/],
      ["2016-W33-3", /format iso/],
      ["17:04", /format iso/],
      ["2016-08-17T25:00Z", /format iso/],
      ["1950-05-05T00:00:00Z", /1970 and 2100/],
      ["2100-01-01T00:00:00Z", /1970 and 2100/],
    ],
  ],
  [
    "iso",
    "Europe/Warsaw",
    [
      ["2016-08-17T19:04:31", "2016-08-17T17:04:31Z"],
      ["2016-08-17T19:04:31Z", "2016-08-17T19:04:31Z"],
      ["2016-08-17", "2016-08-17"],
    ],
  ],
  [
    "dd.MM.yyyy",
    undefined,
    [
      ["01.02.1985", "1985-02-01"],
      ["09.03.1904", "1904-03-09"],
      ["31.02.1985", /format dd.MM.yyyy/],
      ["1.2.1985", /format dd.MM.yyyy/],
      ["01.02.85", /format dd.MM.yyyy/],
      ["01.02.1985 00:00", /format dd.MM.yyyy/],
      ["00.00.0000", /format dd.MM.yyyy/],
    ],
  ],
  ["yyyyMMdd", undefined, [[19850201, "1985-02-01"]]],
  ["yyyy-MM-dd '00:00:00'", undefined, [["1950-05-05 00:00:00", "1950-05-05"]]],
  ["d MMMM yyyy", undefined, [["1 february 1985", "1985-02-01"]]],
  [
    "yyyy-MM-dd HH:mm:ss",
    "Europe/Warsaw",
    [
      ["2016-08-17 19:04:31", "2016-08-17T17:04:31Z"],
      ["2016-01-17 18:04:31", "2016-01-17T17:04:31Z"],
      ["2026-03-29 02:30:00", /left out in its zone/],
      ["2026-10-25 02:30:00", /repeated in its zone/],
      ["2026-10-25 03:30:00", "2026-10-25T02:30:00Z"],
    ],
  ],
  ["yyyyMMddHHmmss'.0Z'", "UTC", [["20160817170431.0Z", "2016-08-17T17:04:31Z"]]],
  ["MM/dd/yyyy hh:mm a", "UTC+2", [["08/17/2016 07:04 PM", "2016-08-17T17:04:00Z"]]],
  [
    "EEE, dd MMM yyyy HH:mm:ss ZZZ",
    undefined,
    [
      ["Wed, 17 Aug 2016 19:04:31 +0200", "2016-08-17T17:04:31Z"],
      ["Tue, 17 Aug 2016 19:04:31 +0200", /format EEE/],
    ],
  ],
])("a date in %s, zone %s", (format, zone, cases) => {
  test("is a format that can be used", () => {
    expect(explainDateFormat(format, zone)).toBeUndefined();
  });

  test.each(cases)("of %j is %s", (value, expected) => {
    const read = outcome(value, format, zone);
    if (typeof expected === "string") expect(read).toBe(expected);
    else expect(read).toMatch(new RegExp(`^! date-invalid: .*${expected.source}`));
  });
});

test("a clock change of half an hour leaves times out too", () => {
  const read = (text: string) => readDate(text, "yyyy-MM-dd HH:mm", "Australia/Lord_Howe");
  expect(read("2024-10-06 02:15")).toMatchObject({ code: "date-invalid" });
  expect(read("2024-10-06 02:30")).toBe("2024-10-05T15:30:00Z");
});

test.each<[string, string | undefined, RegExp]>([
  ["epoch-s", "UTC", /takes no zone/],
  ["epoch", undefined, /unknown part/],
  ["DD.MM.yyyy", undefined, /a day is dd/],
  ["dd.MM.YYYY", undefined, /a year is yyyy/],
  ["dd.MM.yy", undefined, /century/],
  ["yyyy-MM-ddTHH:mm:ss", "UTC", /in quotes, 'T'/],
  ["MM.yyyy", undefined, /needs a year \(yyyy\), a month \(MM\) and a day/],
  ["HH:mm", "UTC", /needs a year/],
  ["dd.MM.yyyy HH", "UTC", /a minute/],
  ["dd.MM.yyyy hh:mm", "UTC", /its half/],
  ["dd.MM.yyyy HH:mm a", "UTC", /its half/],
  ["dd.MM.yyyy HH:mm", undefined, /needs a zone/],
  ["dd.MM.yyyy HH:mmZZ", "UTC", /takes no zone/],
  ["dd.MM.yyyy", "UTC", /takes no zone/],
  ["dd.MM.yyyy ZZ", undefined, /takes no zone/],
  ["dd.MM.yyyy HH:mm z", undefined, /unknown part z/],
  ["", undefined, /needs a year/],
  ["iso", "Mars/Olympus", /Mars\/Olympus is not/],
  ["iso", "PST", /PST is not/],
  ["iso", "local", /local is not/],
])("the date format %j with the zone %j is refused", (format, zone, why) => {
  expect(explainDateFormat(format, zone)).toMatch(why);
});
