import type { Rule } from "../rule.ts";
import type { Preset } from "./preset.ts";

const SOAP_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

/** The first claim of one of these types, or a column that the application added. */
function claimOr(types: readonly string[], ...columns: readonly string[]): Rule {
  const claim: Rule = { pick: "Claims", where: { ClaimType: types }, path: "ClaimValue", take: 0 };
  return columns.length === 0 ? claim : { firstOf: [claim, ...columns] };
}

/**
 * ASP.NET Core Identity's AspNetUsers, and that of the ASP.NET before it. Email is taken, not NormalizedEmail, which is in
 * capitals. Names are claims, or columns that the application added.
 */
export const aspnet: Preset = {
  mapping: {
    username: { firstOf: ["UserName", "Email", "PhoneNumber", "Id"] },
    sourceId: "Id",
    disabled: {
      allOf: [
        { firstOf: ["LockoutEnabled", { constant: true }] },
        {
          inFuture: { date: { firstOf: ["LockoutEnd", "LockoutEndDateUtc"] }, format: "iso", zone: "UTC" },
        },
      ],
    },
    socialOnly: {
      path: {
        split: {
          join: [
            "Logins[*].LoginProvider",
            { lookup: { present: "PasswordHash" }, table: { true: "password", false: null } },
          ],
          with: "\n",
        },
        at: "\n",
      },
      noneOf: ["password"],
    },
    groups: { from: "Roles", clean: "-" },
    // It does not say which one, and an authenticator cannot be moved.
    mfa: {
      lookup: { allOf: ["TwoFactorEnabled"] },
      table: { true: "a second factor", false: null },
    },
    passwordHash: "PasswordHash",
    attributes: {
      email: "Email",
      email_verified: "EmailConfirmed",
      phone_number: "PhoneNumber",
      phone_number_verified: "PhoneNumberConfirmed",
      name: claimOr(["name"], "FullName", "DisplayName"),
      given_name: claimOr(["given_name", `${SOAP_CLAIMS}/givenname`], "FirstName", "GivenName"),
      family_name: claimOr(["family_name", `${SOAP_CLAIMS}/surname`], "LastName", "FamilyName", "Surname"),
      birthdate: claimOr(["birthdate"]),
      picture: claimOr(["picture"]),
      website: claimOr(["website", `${SOAP_CLAIMS}/webpage`]),
      locale: claimOr(["locale"]),
      "custom:legacy_id": "Id",
    },
    // What SQL Server's tools write into a CSV in place of nothing.
    nullWords: ["NULL", "null", "\\N"],
  },
  comments: {
    disabled: "who is locked out when the plan is made, for good or for minutes (policies.disabled)",
    groups: "the roles, if they were joined: Site Admins becomes Site-Admins",
    mfa: "it does not say which second factor, so it is not taken for text messages; a warning names who loses one",
  },
  suggestions: [
    {
      key: "phoneCountry",
      value: "US",
      why: "the country of numbers that name none, which are left out otherwise",
    },
    {
      key: "linkedProviders",
      value: {
        list: "Logins",
        provider: "LoginProvider",
        subject: "ProviderKey",
        names: { Google: "Google" },
      },
      why: "logins at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
