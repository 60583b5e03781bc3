import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { finish, runCli, startCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aRewritingProxy } from "../support/rewriting-proxy.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";
import { canariesOf, foundIn, PERSONAL, searchFolder, SECRETS, type Canary } from "./canaries.ts";

/** Files of a run that are made for personal data. */
const FOR_PERSONAL_DATA =
  /(?:^|\/)(?:ledger\.db(?:-wal|-shm|-journal)?|parts\/part-\d+\.csv|(?:(?:identity-map|failed|skipped|rejected|duplicates|warnings|follow-ups|verify|undo)\.csv|(?:failed|skipped|rejected)\.ndjson|report\.html)(?:\.part)?)$/;
/** Where secrets may stand while a run is not settled. */
const FOR_SECRETS = /(?:^|\/)(?:ledger\.db(?:-wal|-shm|-journal)?|parts\/part-\d+\.csv)$/;

/** What a command may leave behind. */
export interface Allowed {
  /** Whether secrets of users may still stand in the ledger and a part: the run is not settled. */
  readonly unsettled?: boolean;
  /** Further files for personal data, such as those of an export. */
  readonly files?: RegExp;
  /** Whether stdout is made for personal data. */
  readonly stdout?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A place where commands run with secrets in their environment and their sources, and nothing but what they leave behind
 * in it: a folder for the run, one to work in, and one for temporary files.
 */
export class Sandbox {
  readonly target: Target;
  readonly url: string;
  /** All that commands may write to. */
  readonly root = aFolder();
  readonly runDir = join(this.root, "run");
  readonly cwd = join(this.root, "cwd");
  readonly #sources = aFolder();
  /** The secrets in pre-signed URLs that the service gave. */
  readonly #signed: Set<string>;

  private constructor(target: Target, url: string, signed: Set<string>) {
    this.target = target;
    this.url = url;
    this.#signed = signed;
    for (const folder of [this.cwd, join(this.root, "tmp"), join(this.root, "home")])
      mkdirSync(folder, { mode: 0o700 });
  }

  static async open(...settings: Parameters<typeof aTarget>): Promise<Sandbox> {
    const target = await aTarget(...settings);
    const signed = new Set<string>();
    const url = await aRewritingProxy(target.emulator.url, (answer) => {
      for (const [, secret = ""] of answer.matchAll(/X-Amz-(?:Signature|Security-Token)=([^&"\\]+)/g))
        signed.add(decodeURIComponent(secret));
      return answer;
    });
    return new Sandbox(target, url, signed);
  }

  /** The path of a file that a user brings along, which is not looked at. */
  bring(name: string, content: string | Uint8Array): string {
    const path = join(this.#sources, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** The same as an URL, for Node's --import. */
  bringModule(name: string, content: string): string {
    return pathToFileURL(this.bring(name, content)).href;
  }

  /** The flags that name the pool. */
  get poolFlags(): readonly string[] {
    return ["--user-pool-id", this.target.userPoolId, "--endpoint-url", this.url];
  }

  get planFlags(): readonly string[] {
    return [...this.poolFlags, "--logs-role-arn", LOGS_ROLE_ARN, "--run-dir", this.runDir];
  }

  get signedCount(): number {
    return this.#signed.size;
  }

  get #env(): Readonly<Record<string, string>> {
    return {
      HOME: join(this.root, "home"),
      TMPDIR: join(this.root, "tmp"),
      NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
      AWS_ACCESS_KEY_ID: "AKIAZZEXAMPLE0000000",
      AWS_SECRET_ACCESS_KEY: SECRETS.accessKey,
      AWS_SESSION_TOKEN: SECRETS.sessionToken,
      APP_CLIENT_SECRET: SECRETS.clientSecret,
    };
  }

  /** Runs a command and looks at everything that it left behind. */
  async run(args: readonly string[], allowed: Allowed = {}): Promise<CommandResult> {
    const result = await runCli(args, { cwd: this.cwd, env: { ...this.#env, ...allowed.env } });
    this.check(result, args, allowed);
    return result;
  }

  /** Starts a command, does something to it meanwhile, and looks at everything that it left behind. */
  async runMeanwhile(
    args: readonly string[],
    act: (child: ReturnType<typeof startCli>) => Promise<void>,
    allowed: Allowed = {},
  ): Promise<CommandResult> {
    const child = startCli(args, { cwd: this.cwd, env: { ...this.#env, ...allowed.env } });
    const ended = finish(child);
    await act(child);
    const result = await ended;
    this.check(result, args, allowed);
    return result;
  }

  /** Looks for anything of anybody, also in the files that were made for it. */
  checkPurged(): void {
    const all = canariesOf({ ...SECRETS, ...PERSONAL }, this.#signed);
    expect(searchFolder(this.root, all)).toEqual([]);
  }

  /** Everything that was printed or left behind and should not have been. */
  check(
    { stdout, stderr }: Pick<CommandResult, "stdout" | "stderr">,
    args: readonly string[],
    allowed: Allowed,
  ): void {
    const secrets = canariesOf(SECRETS, this.#signed);
    const personal = canariesOf(PERSONAL);
    const all = [...secrets, ...personal];
    const printed = (name: string, text: string, canaries: readonly Canary[]): readonly string[] =>
      foundIn(Buffer.from(text), canaries).map((what) => `${name}: ${what}`);
    const leaks = [
      ...printed("stderr", stderr, all),
      ...printed("stdout", stdout, allowed.stdout === true ? secrets : all),
      ...searchFolder(this.root, secrets, (path) => allowed.unsettled === true && FOR_SECRETS.test(path)),
      ...searchFolder(
        this.root,
        personal,
        (path) => FOR_PERSONAL_DATA.test(path) || allowed.files?.test(path) === true,
      ),
      // Of these not even an unsettled run has any.
      ...searchFolder(
        this.root,
        secrets.filter(({ what }) => !OF_LEDGER.has(what)),
      ),
    ];
    expect(
      leaks,
      `poolferry ${args.slice(0, 2).join(" ")} has leaked ${leaks.join(", ")}\n${stderr}`,
    ).toEqual([]);
  }
}

/** Secrets that a plan needs. */
const OF_LEDGER: ReadonlySet<string> = new Set(["bcrypt", "argon2", "pbkdf2", "password"]);
