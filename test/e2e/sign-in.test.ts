import {
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { argon2id, bcrypt } from "hash-wasm";
import { pbkdf2Sync, scryptSync } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

interface App {
  readonly cognito: CognitoIdentityProviderClient;
  readonly ClientId: string | undefined;
}

/** An app client of the pool that lets users sign in with a password, and the SDK to do so. */
async function anApp({ emulator, userPoolId }: Target): Promise<App> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const cognito = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: "us-east-1",
    credentials,
  });
  onTestFinished(() => cognito.destroy());
  const made = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: userPoolId,
      ClientName: "web",
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  );
  return { cognito, ClientId: made.UserPoolClient?.ClientId };
}

function signInAs({ cognito, ClientId }: App, USERNAME: string, PASSWORD: string) {
  const AuthParameters = { USERNAME, PASSWORD };
  return cognito.send(new InitiateAuthCommand({ ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters }));
}

test("a migrated user is asked for a reset, resets the password with the mailed code, and signs in", async () => {
  const target = await aTarget();
  const { emulator, userPoolId } = target;
  const migrated = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`)));
  expect(migrated.outcomes).toMatchObject({ imported: 3 });
  expect(emulator.control.stats().monthlyActiveUsers).toEqual({ [userPoolId]: {} });

  const { cognito, ClientId } = await anApp(target);
  const signIn = (PASSWORD: string) => signInAs({ cognito, ClientId }, "u2", PASSWORD);
  await expect(signIn("whatever")).rejects.toMatchObject({ name: "PasswordResetRequiredException" });

  await cognito.send(new ForgotPasswordCommand({ ClientId, Username: "u2" }));
  const [mail] = emulator.control.outbox;
  expect(mail).toMatchObject({ medium: "EMAIL", destination: "u2@example.com" });
  const Password = "New-password-1";
  const code = { ClientId, Username: "u2", ConfirmationCode: mail?.secret, Password };
  await cognito.send(new ConfirmForgotPasswordCommand(code));
  const { AuthenticationResult: tokens } = await signIn(Password);
  expect(tokens?.AccessToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(Object.values(emulator.control.stats().monthlyActiveUsers[userPoolId] ?? {})).toEqual([1]);
});

/** Hashes as Laravel, Werkzeug, Django and a library of Argon2 write them, by the name of a user. */
async function hashesOf(password: string): Promise<Readonly<Record<string, string>>> {
  const salt = "NaCl-or-not-NaCl";
  const phpBcrypt = await bcrypt({
    password,
    salt: Buffer.from(salt),
    costFactor: 10,
    outputType: "encoded",
  });
  const scrypt = scryptSync(password, salt, 64, { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
  const pbkdf2 = pbkdf2Sync(password, salt, 390_000, 32, "sha256").toString("base64");
  const argon2 = {
    password,
    salt,
    iterations: 2,
    memorySize: 19_456,
    parallelism: 1,
    hashLength: 32,
  } as const;
  return {
    laravel: phpBcrypt.replace("$2a$", "$2y$"),
    werkzeug: `scrypt:32768:8:1$${salt}$${scrypt.toString("hex")}`,
    django: `pbkdf2_sha256$390000$${salt}$${pbkdf2}`,
    argon: await argon2id({ ...argon2, outputType: "encoded" }),
    forgot: "md5$a$0cc175b9c0f1b6a831c399e269772661",
  };
}

test("users whose hashes are imported sign in with the passwords they had, and nobody is mailed", async () => {
  const password = "Correct horse, battery 1";
  const hashes = await hashesOf(password);
  const rows = Object.entries(hashes).map(([name, hash]) => `${name},${name}@example.com,true,"${hash}"\n`);
  const source = aFile(`username,email,email_verified,legacy\n${rows.join("")}`, "users.csv");
  const config = aFile("mapping:\n  passwordHash: legacy\n", "ferry.yaml");
  const target = await aTarget();
  const args = [...migrateArgs(target, `csv:${source}`), "--config", config];
  const result = jsonOf(await runCli(args));
  expect(result.outcomes).toMatchObject({ imported: 5 });
  expect(result.passwords).toEqual({ kept: 4, set: 0, reset: 1, locked: 0 });
  expect(result.issues).toEqual([{ code: "password-hash-unsupported", severity: "warning", count: 1 }]);

  const app = await anApp(target);
  for (const name of ["laravel", "werkzeug", "django", "argon"]) {
    await expect(signInAs(app, name, `${password}x`)).rejects.toMatchObject({
      name: "NotAuthorizedException",
    });
    const { AuthenticationResult: tokens } = await signInAs(app, name, password);
    expect(tokens?.AccessToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  }
  await expect(signInAs(app, "forgot", "a")).rejects.toMatchObject({
    name: "PasswordResetRequiredException",
  });
  expect(target.emulator.control.outbox).toEqual([]);
});

test("a plan that reads no password hash names the field that may hold them", async () => {
  const target = await aTarget();
  const source = aFile(
    "username,email,email_verified,Kennwort\nu1,u1@example.com,true,$2y$10$x\n",
    "users.csv",
  );
  const args = ["plan", "--from", `csv:${source}`, ...target.flags, "--run-dir", join(aFolder(), "run")];
  const { stdout } = await runCli(args);
  expect(stdout).toContain("0 kept by their hashes, 1 to be set anew");
  expect(stdout).toContain("nothing reads Kennwort");
  const config = aFile("mapping: { passwordHash: Kennwort }\n", "ferry.yaml");
  const mapped = await runCli([...args.slice(0, -1), join(aFolder(), "run"), "--config", config]);
  expect(mapped.stdout).not.toContain("nothing reads");
});

test.each([
  [
    "fields that hold none",
    '{"username":"u1","passwordChanged":"2024","Password Hash Function":"","passwordPolicies":"x"}',
    undefined,
  ],
  [
    "fields in objects that may",
    '{"username":"u1","login":{"mail":"u1@example.com","password":"fixture-secret","passwordChanged":"2024"}}',
    "nothing reads login.password: ",
  ],
])("of %s, the plan's line on passwords says so", async (_which, row, line) => {
  const target = await aTarget();
  const config = aFile('mapping: { attributes: { email: { firstOf: ["login.mail"] } } }\n', "ferry.yaml");
  const from = ["--from", `ndjson:${aFile(`${row}\n`, "users.ndjson")}`, ...target.flags];
  const flags = line === undefined ? [] : ["--config", config];
  const { stdout } = await runCli(["plan", ...from, ...flags, "--run-dir", join(aFolder(), "run")]);
  expect(stdout).toContain("0 kept by their hashes");
  expect(/nothing reads .*?: /.exec(stdout)?.[0]).toBe(line);
});
