import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comparableName, isWithin, ownNameOf, parseName } from "../../src/core/distinguished-name.ts";

describe("a distinguished name", () => {
  test.each<[string, readonly (readonly string[])[] | undefined]>([
    ["cn=Ada", [["cn=Ada"]]],
    ["CN=Ada Nowak , OU = Staff,DC=example", [["CN=Ada Nowak"], ["OU=Staff"], ["DC=example"]]],
    ["cn=Ada+sn=Nowak,dc=example", [["cn=Ada", "sn=Nowak"], ["dc=example"]]],
    ["cn=Nowak\\, Ada,dc=a", [["cn=Nowak, Ada"], ["dc=a"]]],
    ["cn=Zo\\C3\\AB,dc=a", [["cn=Zoë"], ["dc=a"]]],
    ['cn="Nowak, Ada;+=",dc=a', [["cn=Nowak, Ada;+="], ["dc=a"]]],
    ["cn=a\\ ,dc=a;dc=b", [["cn=a "], ["dc=a"], ["dc=b"]]],
    ["cn=a=b,1.2.3=x", [["cn=a=b"], ["1.2.3=x"]]],
    ["cn=", [["cn="]]],
    ["Ship Crew", undefined],
    ["", undefined],
    ["a b=c", undefined],
    ["cn=a,", [["cn=a"]]],
    ["cn=a,b", undefined],
    ["cn=a+", undefined],
  ])("%j has the parts %j", (name, parts) => {
    expect(parseName(name)?.map((own) => own.map(({ type, value }) => `${type}=${value}`))).toEqual(parts);
  });

  test.each([
    ["cn=Ada,dc=example", "CN = ADA , DC=Example"],
    ["cn=Ada+sn=Nowak,dc=a", "SN=nowak+CN=ada,dc=a"],
    ["cn=Zo\\C3\\AB,dc=a", "cn=ZOE\u0308,dc=a"],
    ["cn=a\\2Cb", 'cn="a,b"'],
    ["cn=a  b", "cn=a b"],
  ])("is the same as another when it is written as %j or %j", (one, other) => {
    expect(comparableName(one)).toBe(comparableName(other));
  });

  test.each([
    ["cn=a,cn=b", "cn=a+cn=b"],
    ["cn=a\\,cn=b", "cn=a,cn=b"],
    ["cn=a", "sn=a"],
    ["cn=a,dc=b", "cn=a"],
  ])("%j is another one than %j", (one, other) => {
    expect(comparableName(one)).not.toBe(comparableName(other));
  });

  test("says what its entry is called alone, and where it stands", () => {
    expect(ownNameOf("CN=Crew\\, large,OU=Groups")).toBe("Crew, large");
    expect(ownNameOf("Crew")).toBeUndefined();
    expect(isWithin("uid=a,OU=People,dc=b", "ou=people, DC=b")).toBe(true);
    expect(isWithin("dc=b", "dc=b")).toBe(true);
    expect(isWithin("dc=b", "ou=people,dc=b")).toBe(false);
    expect(isWithin("dc=ab", "dc=b")).toBe(false);
  });

  test("never throws, whatever stands in it", () => {
    const pieces = fc.constantFrom("cn", "=", ",", "+", ";", "\\", '"', " ", "\\C3", "\\2C", "é", "#", "a");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        expect(comparableName(parts.join(""))).toBeTypeOf("string");
      }),
    );
  });
});
