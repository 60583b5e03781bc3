import type { Rule } from "../rule.ts";
import type { Preset } from "./preset.ts";

/** Ids that no renaming changes: of Active Directory, OpenLDAP and others by RFC 4530, 389, FreeIPA. */
const ID: Rule = {
  firstOf: ["objectGUID[0]", "entryUUID[0]", "nsUniqueId[0]", "ipaUniqueID[0]", "dn"],
};

/**
 * Entries of a directory: OpenLDAP and others with inetOrgPerson, and Active Directory. No directory says whether an
 * address is verified. userPrincipalName looks like an address and need not be one, so it is no username here.
 */
export const ldif: Preset = {
  place: { path: "users.ldif" },
  mapping: {
    username: { firstOf: ["sAMAccountName[0]", "uid[0]", "mail[0]"] },
    sourceId: ID,
    disabled: {
      anyOf: [
        // ADS_UF_ACCOUNTDISABLE (MS-ADTS, 2.2.16); an account that has expired cannot sign in either.
        { bit: "userAccountControl[0]", mask: 2 },
        { not: { inFuture: { date: "accountExpires[0]", format: "filetime" } } },
        // 389, FreeIPA; eDirectory; OpenLDAP's ppolicy, in which this time means for good, and others a few minutes.
        "nsAccountLock[0]",
        "loginDisabled[0]",
        { lookup: "pwdAccountLockedTime[0]", table: { "000001010000Z": true }, otherwise: false },
      ],
    },
    deleted: "isDeleted[0]",
    serviceAccount: {
      // Accounts that Windows makes for itself, and those of machines and of other domains (2048, 4096, 8192).
      anyOf: ["isCriticalSystemObject[0]", { bit: "userAccountControl[0]", mask: 14_336 }],
    },
    groups: { from: "memberOf", rdn: true, clean: "-" },
    passwordHash: "userPassword",
    attributes: {
      email: { firstOf: ["mail[0]", { prefixed: "proxyAddresses", with: "SMTP:" }] },
      phone_number: { firstOf: ["mobile[0]", "telephoneNumber[0]"] },
      name: { firstOf: ["displayName[0]", "cn[0]"] },
      given_name: "givenName[0]",
      family_name: "sn[0]",
      locale: "preferredLanguage[0]",
      website: "wWWHomePage[0]",
      updated_at: {
        date: { firstOf: ["whenChanged[0]", "modifyTimestamp[0]"] },
        format: "generalized-time",
      },
      "custom:legacy_id": ID,
    },
  },
  comments: {
    disabled:
      "disabled, expired or locked for good; that a password has expired or was mistyped is no reason",
    serviceAccount: "accounts of Windows itself, of machines and of other domains (policies.serviceAccounts)",
    groups:
      "the own names of the groups in memberOf, which those of the export that name the user have joined",
    passwordHash: "{CRYPT}$2y$…, {PBKDF2-SHA256}… and {ARGON2}… are imported; Active Directory gives none",
    email:
      "no directory says that it is verified; if yours is the employer's own, say email_verified: { trustSource: true }",
  },
};

/** The same entries, read where they are. */
export const ldap: Preset = {
  ...ldif,
  place: {
    urlEnv: "LDAP_URL",
    baseDn: "ou=people,dc=example,dc=com",
    bindDn: "cn=reader,dc=example,dc=com",
    bindPasswordEnv: "LDAP_PASSWORD",
  },
};
