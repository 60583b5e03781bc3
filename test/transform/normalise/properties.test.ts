import fc from "fast-check";
import { isCalendarDate } from "../../../src/transform/normalise/birthdate.ts";
import { expect, test } from "vitest";
import type { JsonValue } from "../../../src/core/row.ts";
import {
  createNormaliser,
  DEFAULT_NORMALISE_OPTIONS,
  type NormaliseOptions,
} from "../../../src/transform/normalise-attribute.ts";
import { isSafeInImportCsv } from "../../../src/transform/import-csv.ts";
import { isPlainText } from "../../../src/transform/plain-text.ts";
import { readDate } from "../../../src/transform/read-date.ts";
import { readPhone } from "../../../src/transform/read-phone.ts";
import { Unusable } from "../../../src/transform/reading.ts";
import { anAttribute, STANDARD_ATTRIBUTES } from "../../support/builders.ts";

const attributes = fc.constantFrom(
  ...STANDARD_ATTRIBUTES,
  anAttribute("address", { max: 2048 }),
  anAttribute("zoneinfo"),
  anAttribute("custom:n", { type: "Number" }),
  anAttribute("custom:b", { type: "Boolean" }),
  anAttribute("custom:d", { type: "DateTime" }),
);

const options: fc.Arbitrary<NormaliseOptions> = fc.record({
  lowerCaseEmail: fc.boolean(),
  phoneCountry: fc.constantFrom(undefined, "PL", "US", "IT"),
  lineBreaks: fc.constantFrom("keep" as const, "space" as const),
});

const shaped = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "grapheme", maxLength: 3000 }),
  fc.stringMatching(/^[+(0-9) x.\-\uff0b٠-٩]{0,20}$/),
  fc.stringMatching(/^[+]?[0-9]{4,15}$/),
  fc
    .tuple(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    )
    .map(([local, domain]) => `${local}@${domain}.com`),
  fc.stringMatching(/^\d{4}-[01]\d-[0-3]\d( \d\d:\d\dZ)?$/),
  fc.stringMatching(/^[A-Za-z]{2,3}([_-][A-Za-z]{2,4}){0,2}$/),
  fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
  fc.emailAddress(),
);
const values = fc.oneof(
  { weight: 4, arbitrary: shaped },
  fc.jsonValue({ stringUnit: "binary" }) as fc.Arbitrary<JsonValue>,
);

test("never throws, and a value it gives is trimmed, NFC, well-formed, short enough, and stays as it is", () => {
  let sent = 0;
  fc.assert(
    fc.property(attributes, values, options, (attribute, raw, chosen) => {
      const normalise = createNormaliser(chosen)(attribute).normalise;
      const value = normalise(raw);
      if (typeof value !== "string") return;
      sent += 1;
      expect(value).toBe(value.trim());
      expect(value).toBe(value.normalize("NFC"));
      expect(value).not.toBe("");
      expect(value.isWellFormed()).toBe(true);
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(2048);
      if (chosen.lineBreaks === "space") expect(value).not.toMatch(/[\n\r\v\f\u0085\u2028\u2029]/);
      expect(normalise(value)).toBe(value);
      // What one set of options gave, another does not undo.
      if (chosen.lowerCaseEmail)
        expect(createNormaliser(DEFAULT_NORMALISE_OPTIONS)(attribute).normalise(value)).toBe(value);
    }),
    { numRuns: 3_000 },
  );
  expect(sent).toBeGreaterThan(500);
});

test("of a plain text comes the same without a further look, and an import CSV carries it as it is", () => {
  let sent = 0;
  const plain = fc.oneof(shaped, fc.stringMatching(/^[ !#-[\]-~\u00a1-\u02ff]{1,40}$/)).filter(isPlainText);
  fc.assert(
    fc.property(attributes, plain, options, (attribute, text, chosen) => {
      const { normalise, normalisePlain } = createNormaliser(chosen)(attribute);
      const value = normalisePlain(text);
      expect(value).toEqual(normalise(text));
      if (typeof value !== "string") return;
      sent += 1;
      expect(isSafeInImportCsv(value)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  expect(sent).toBeGreaterThan(300);
});

test("a phone number that a rule read is taken as it is by the attribute", () => {
  const normalise = createNormaliser(DEFAULT_NORMALISE_OPTIONS);
  const phones = fc.oneof(shaped, fc.integer(), fc.jsonValue() as fc.Arbitrary<JsonValue>);
  const countries = fc.oneof(
    fc.constantFrom("PL", "usa", "Czech Republic", "", null, "Atlantis"),
    fc.jsonValue() as fc.Arbitrary<JsonValue>,
  );
  fc.assert(
    fc.property(phones, countries, (text, country) => {
      const read = readPhone(text, () => country);
      if (read instanceof Unusable || read === "") return;
      expect(normalise(anAttribute("phone_number")).normalise(read)).toBe(read);
    }),
    { numRuns: 1_000 },
  );
});

test("an instant comes back from every format that it is written in", () => {
  const instants = fc.date({
    min: new Date("1970-01-01T00:00:00Z"),
    max: new Date("2099-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, (date) => {
      const epochMs = date.getTime();
      const iso = date.toISOString().replace(".000Z", "Z");
      expect(readDate(epochMs, "epoch-ms", undefined)).toBe(iso);
      expect(readDate(String((BigInt(epochMs) + 11_644_473_600_000n) * 10_000n), "filetime", undefined)).toBe(
        iso,
      );
      expect(readDate(date.toISOString(), "iso", undefined)).toBe(iso);
      expect(
        readDate(date.toISOString().replace("T", " ").slice(0, -1), "yyyy-MM-dd HH:mm:ss.SSS", "UTC"),
      ).toBe(iso);
      const seconds = Math.floor(epochMs / 1000);
      const whole = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
      expect(readDate(seconds, "epoch-s", undefined)).toBe(whole);
      const normalise = createNormaliser(DEFAULT_NORMALISE_OPTIONS);
      expect(normalise(anAttribute("updated_at", { type: "Number" })).normalise(iso)).toBe(String(seconds));
    }),
  );
});

test("a date read from any JSON value is a date, an instant, nothing, or unusable", () => {
  const formats = fc.constantFrom(
    ["epoch-s", undefined],
    ["epoch-ms", undefined],
    ["filetime", undefined],
    ["iso", "Europe/Warsaw"],
    ["iso", undefined],
    ["dd.MM.yyyy", undefined],
    ["yyyy-MM-dd HH:mm", "America/New_York"],
  );
  fc.assert(
    fc.property(fc.oneof(values, fc.integer()), formats, (value, [format = "", zone]) => {
      const read = readDate(value, format, zone);
      if (!(read instanceof Unusable)) expect(read).toMatch(/^(\d{4}-\d\d-\d\d(T[\d:.]+Z)?)?$/);
    }),
    { numRuns: 1_000 },
  );
});

test("a day is of the calendar exactly when JavaScript's own calendar keeps it", () => {
  for (const year of ["0001", "1600", "1900", "1985", "2000", "2024", "2100", "9999"]) {
    for (let month = 0; month <= 13; month += 1) {
      for (let day = 0; day <= 32; day += 1) {
        const text = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
        const kept = new Date(`${text}T00:00:00Z`).getUTCDate() === day;
        expect([text, isCalendarDate(text)]).toEqual([text, kept]);
      }
    }
  }
});
