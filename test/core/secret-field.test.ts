import { describe, expect, test } from "vitest";
import { isSecretField, mayHoldPassword } from "../../src/core/secret-field.ts";

describe("a field is a secret", () => {
  test.each([
    "password",
    "Password",
    "PASSWORD_HASH",
    "passwordHash",
    "password_digest",
    "encrypted_password",
    "user_pass",

    "password hash",
    "passwd",
    "pwd",
    "unicodePwd",
    "sambaNTPassword",
    "pass",
    "pw",
    "passphrase",
    "passcode",

    "hash",
    "hashed",
    "pwHash",
    "custom_password_hash",
    "salt",
    "passwordSalt",
    "password_salt",
    "hash_config",

    "secret",
    "mfaSecret",
    "totp_secret",
    "totp",
    "totpSeed",
    "otp",
    "otp_seed",
    "otpKey",
    "pin",
    "PIN code",

    "backup_codes",
    "backupCodes",
    "recovery_codes",
    "recovery_question",
    "recoveryAnswer",
    "security_answer",
    "access_token",
    "refreshToken",
    "id-token",
    "reset_password_token",
    "password_reset_code",
    "credentials",
    "credential",
    "apiKey",
    "api_key",
    "private_key",
    "accessKey",
    "SecurityStamp",
    "user_activation_key",
    "two_factor_recovery_codes",
    "otp_backup_codes",

    "Passwort-Hash",
    "Kennwort",
    "mot de passe",
    "Contraseña",
    "clave",
    "senha",
    "wachtwoord",
    "hasło",
    "hash hasła",
  ])("when it is called %s", (name) => {
    expect(isSecretField(name)).toBe(true);
  });
});

describe("a field is no secret", () => {
  test.each([
    "email",
    "username",
    "name",
    "phone_number",
    "picture",
    "identities",
    "user_id",
    "address",
    "passport",
    "last_password_reset",
    "passwordChanged",
    "password_updated_at",
    "password_set_date",
    "pwdLastSet",

    "totp_enabled",
    "shipping",
    "compass",
    "hashtags",
    "secretary",
    "spinner",
    "notes",
    "updated_at",
    "key",
  ])("when it is called %s", (name) => {
    expect(isSecretField(name)).toBe(false);
  });
});

describe("a field can hold passwords", () => {
  test.each([
    "password",
    "Password [Required]",
    "PASSWORD_HASH",
    "encrypted_password",
    "password_digest",
    "accountPassword",
    "temporary_password",
    "user_pass",
    "unicodePwd",
    "pwHash",
    "hash",
    "legacy_hash",
    "Kennwort",
    "Passwort-Hash",
    "mot de passe",
    "Contraseña",
    "wachtwoord",
    "hasło",
  ])("when it is called %s", (name) => {
    expect(mayHoldPassword(name)).toBe(true);
  });
});

describe("a field only tells of passwords, or of something else", () => {
  test.each([
    "passwordChanged",
    "password_updated_at",
    "password_set_date",
    "lastPasswordChangeDateTime",
    "Change Password at Next Sign-In",
    "Password Hash Function",
    "passwordAlgorithm",
    "password_hasher",
    "passwordSalt",
    "passwordPolicies",
    "passwordProfile",
    "passwordExpires",
    "pwdLastSet",
    "badPwdCount",
    "hasPassword",
    "reset_password_token",
    "kennwort_geaendert_am",
    "date_mot_de_passe",
    "hash_config",
    "hashtags",
    "avatar_hash",
    "email_digest",
    "passport",
    "credentials",
    "password".repeat(200),
  ])("when it is called %s", (name) => {
    expect(mayHoldPassword(name)).toBe(false);
  });
});
