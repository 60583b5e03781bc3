import { describe, expect, test } from "vitest";
import { isSecretField } from "../../src/core/secret-field.ts";

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
