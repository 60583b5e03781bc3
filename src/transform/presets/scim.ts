import type { Rule } from "../rule.ts";
import { suggestAddress } from "./address.ts";
import type { Preset } from "./preset.ts";

/** The value of the one that is called primary, else of the first for work, else of the first. */
function preferred(list: string, path: string): Rule {
  return {
    firstOf: [
      { pick: list, where: { primary: true }, path, take: 0 },
      { pick: list, where: { type: "work" }, path, take: 0 },
      `${list}[0].${path}`,
    ],
  };
}

/** An address as OIDC writes it (OpenID Connect Core, 5.1.1), of the element that this rule gives a part of. */
function addressBy(part: (name: string) => Rule): Rule {
  return {
    object: {
      formatted: part("formatted"),
      street_address: part("streetAddress"),
      locality: part("locality"),
      region: part("region"),
      postal_code: part("postalCode"),
      country: part("country"),
    },
  };
}

const ENTERPRISE = '["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]';

/**
 * SCIM's User (RFC 7643), by the names of OIDC's claims. It has no word on whether an address is verified. Of several
 * addresses and photos the primary one is taken, else the first for work, else the first; of numbers one that can get a
 * text message, and never a fax or a pager.
 */
export const scim: Preset = {
  mapping: {
    username: { firstOf: ["userName", preferred("emails", "value"), "id", "externalId"] },
    sourceId: { firstOf: ["id", "externalId"] },
    enabled: "active",
    deleted: { lookup: "method", table: { DELETE: true }, otherwise: false },
    groups: { from: "groups[*].display", clean: "-" },
    attributes: {
      email: preferred("emails", "value"),
      email_verified: { constant: false },
      phone_number: {
        firstOf: [
          { pick: "phoneNumbers", where: { type: "mobile" }, path: "value", take: 0 },
          {
            pick: "phoneNumbers",
            where: { primary: true, type: ["work", "home", "other"] },
            path: "value",
            take: 0,
          },
          { pick: "phoneNumbers", where: { type: "work" }, path: "value", take: 0 },
          { pick: "phoneNumbers", where: { type: ["home", "other"] }, path: "value", take: 0 },
        ],
      },
      phone_number_verified: { constant: false },
      name: { firstOf: ["name.formatted", "displayName"] },
      given_name: "name.givenName",
      family_name: "name.familyName",
      middle_name: "name.middleName",
      nickname: "nickName",
      preferred_username: "userName",
      picture: {
        firstOf: [
          { pick: "photos", where: { type: "photo" }, path: "value", take: 0 },
          preferred("photos", "value"),
        ],
      },
      profile: "profileUrl",
      locale: { firstOf: ["locale", "preferredLanguage"] },
      zoneinfo: "timezone",
      updated_at: "meta.lastModified",
      "custom:legacy_id": { firstOf: ["id", "externalId"] },
      "custom:employee_number": `${ENTERPRISE}.employeeNumber`,
      "custom:organization": `${ENTERPRISE}.organization`,
      "custom:division": `${ENTERPRISE}.division`,
      "custom:department": `${ENTERPRISE}.department`,
      "custom:cost_center": `${ENTERPRISE}.costCenter`,
    },
  },
  comments: {
    deleted: "a DELETE of a bulk request",
    groups: "by their names for people: Night Watch becomes Night-Watch",
    email_verified: "SCIM has no such flag; { trustSource: true } if you answer for every user's",
    phone_number_verified: "nor of numbers",
    "custom:employee_number": "the enterprise extension; passed over by a pool that has no such attributes",
  },
  suggestions: [
    suggestAddress({
      firstOf: [
        addressBy((path) => ({ pick: "addresses", where: { primary: true }, path, take: 0 })),
        addressBy((path) => `addresses[0].${path}`),
      ],
    }),
    { key: "password", value: "password", why: "where a bulk request has passwords in plain text" },
  ],
};
