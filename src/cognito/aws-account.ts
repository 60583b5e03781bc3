import type * as Iam from "@aws-sdk/client-iam";
import type { STSClient } from "@aws-sdk/client-sts";
import type { Dispatcher } from "undici";
import type { Connection } from "../core/connection.ts";
import { clientOptions } from "./client-options.ts";
import type { AbortOptions } from "./cognito.ts";
import { explainError } from "./explain-error.ts";
import { createHttpAgent } from "./http-agent.ts";
import { withRetry, type RetryOptions } from "./retry.ts";

const REPLY_TIMEOUT_MS = 30_000;

/** Where an account's IAM and STS are asked, and as whom. What is undefined is left to the SDK's own chain. */
export interface AccountConnection extends Partial<Pick<Connection, "region" | "profile" | "endpointUrl">> {
  /** Base URL for IAM alone, when it differs. */
  readonly iamEndpointUrl?: string | undefined;
  /** Base URL for STS alone, when it differs. */
  readonly stsEndpointUrl?: string | undefined;
}

/** Who asks, as STS says it. */
export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

/** The keys that requests are signed with, without what is secret of them. */
export interface KeysInUse {
  /** The access key's id, but for its beginning and end. */
  readonly maskedId: string;
  /** When they expire, in epoch milliseconds; undefined of those that do not, or do not say. */
  readonly expiresMs: number | undefined;
}

/** The SDK of IAM, with the commands that its client sends. */
type IamSdk = typeof Iam;

/** Sends one command of IAM with the client, the options and the SDK that it is given. */
type SendToIam<Output> = (client: Iam.IAMClient, options: AbortOptions, sdk: IamSdk) => Promise<Output>;

/** How a call of IAM or STS is made. */
type AccountCall = Pick<RetryOptions, "repeat" | "signal">;

/**
 * The door to what an account says of itself: IAM's roles, and STS, who it is that asks. A few calls, so nothing is paced;
 * repeated by our rules only, every failure explained. Closing it leaves no open handle.
 */
export class AwsAccount implements AsyncDisposable {
  readonly #agent: Dispatcher;
  readonly #iam: Iam.IAMClient;
  readonly #iamSdk: IamSdk;
  readonly #sts: STSClient;
  readonly #connection: Connection;

  private constructor(clients: {
    readonly agent: Dispatcher;
    readonly iam: Iam.IAMClient;
    readonly iamSdk: IamSdk;
    readonly sts: STSClient;
    readonly connection: Connection;
  }) {
    this.#agent = clients.agent;
    this.#iam = clients.iam;
    this.#iamSdk = clients.iamSdk;
    this.#sts = clients.sts;
    this.#connection = clients.connection;
  }

  /** Opens it. The clients of IAM and STS are loaded here, as most commands need neither. */
  static async open(stated: AccountConnection): Promise<AwsAccount> {
    const [iamSdk, { STSClient }] = await Promise.all([
      import("@aws-sdk/client-iam"),
      import("@aws-sdk/client-sts"),
    ]);
    const { iamEndpointUrl, stsEndpointUrl, region, profile, endpointUrl } = stated;
    const connection = { region, profile, endpointUrl, logsEndpointUrl: undefined };
    const agent = createHttpAgent(REPLY_TIMEOUT_MS, connection);
    return new AwsAccount({
      agent,
      connection,
      iamSdk,
      iam: new iamSdk.IAMClient(clientOptions(agent, connection, iamEndpointUrl ?? endpointUrl)),
      sts: new STSClient(clientOptions(agent, connection, stsEndpointUrl ?? endpointUrl)),
    });
  }

  /** Who asks, which everybody may know of themselves (documented: GetCallerIdentity takes no permission). */
  async identity(signal: AbortSignal): Promise<CallerIdentity> {
    const { GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    const { Account = "", Arn = "" } = await this.#call(
      "GetCallerIdentity",
      (abort) => this.#sts.send(new GetCallerIdentityCommand({}), abort),
      { repeat: "safe", signal },
    );
    return { account: Account, arn: Arn };
  }

  /** The keys that requests are signed with. Throws CREDENTIALS_MISSING. */
  async keys(): Promise<KeysInUse> {
    try {
      const { accessKeyId, expiration } = await this.#sts.config.credentials();
      return { maskedId: maskId(accessKeyId), expiresMs: expiration?.getTime() };
    } catch (error) {
      throw explainError(error, { operation: "the look-up of credentials", connection: this.#connection });
    }
  }

  /** Calls an operation of IAM. */
  async callIam<Output>(operation: string, send: SendToIam<Output>, call: AccountCall): Promise<Output> {
    return this.#call(operation, (abort) => send(this.#iam, abort, this.#iamSdk), call);
  }

  async #call<Output>(
    operation: string,
    send: (abort: AbortOptions) => Promise<Output>,
    { repeat, signal }: AccountCall,
  ): Promise<Output> {
    try {
      return await withRetry(() => send({ abortSignal: signal }), { repeat, signal });
    } catch (error) {
      throw explainError(error, { operation, connection: this.#connection });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#iam.destroy();
    this.#sts.destroy();
    await this.#agent.destroy();
  }
}

/** Enough to tell two keys apart; the id is no secret by itself, but needs to stand in no log. */
function maskId(accessKeyId: string): string {
  return accessKeyId.length < 12 ? "****" : `${accessKeyId.slice(0, 4)}****${accessKeyId.slice(-4)}`;
}
