import { setTimeout as sleep } from "node:timers/promises";
import * as cognito from "@aws-sdk/client-cognito-identity-provider";
import * as logs from "@aws-sdk/client-cloudwatch-logs";

import type { CallStep, Step } from "./steps.ts";

/** Where the scenario is played, and with which key. */
export interface Stage {
  readonly endpoint: string;
  /** Answers with the latest message. */
  readonly mail: string;
  readonly key: string;
  readonly secret: string;
}

/** What a step was answered. */
export interface Taken {
  readonly name: string;
  readonly answer?: unknown;
  readonly error?: { readonly type: string; readonly message: string };
}

type Send = (step: CallStep, parameters: object) => Promise<unknown>;

/** Walks through the scenario with AWS's SDK for JavaScript. */
export async function driveSdk(steps: readonly Step[], stage: Stage): Promise<readonly Taken[]> {
  const settings = {
    endpoint: stage.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: stage.key, secretAccessKey: stage.secret },
    maxAttempts: 1,
  };
  const clients = {
    cognito: new cognito.CognitoIdentityProviderClient(settings),
    logs: new logs.CloudWatchLogsClient(settings),
  };
  const send: Send = async ({ service, operation }, parameters) => {
    const [client, module] = service === "logs" ? [clients.logs, logs] : [clients.cognito, cognito];
    // Commands are named after their operations; the scenario names them as text.
    const Command = (module as unknown as Record<string, new (input: object) => never>)[
      `${operation}Command`
    ];
    if (Command === undefined) throw new TypeError(`the SDK has no ${operation}`);
    return (client as { send: (command: never) => Promise<unknown> }).send(new Command(parameters));
  };
  const saved = new Map<string, unknown>();
  const taken: Taken[] = [];
  for (const step of steps) {
    try {
      taken.push({ name: step.name, answer: await take(step, { send, saved, stage }) });
    } catch (error) {
      if (
        !(error instanceof cognito.CognitoIdentityProviderServiceException) &&
        !(error instanceof logs.CloudWatchLogsServiceException)
      )
        throw error;
      taken.push({ name: step.name, error: { type: error.name, message: error.message } });
    }
  }
  clients.cognito.destroy();
  clients.logs.destroy();
  return taken;
}

interface Means {
  readonly send: Send;
  readonly saved: Map<string, unknown>;
  readonly stage: Stage;
}

async function take(step: Step, means: Means): Promise<unknown> {
  const { saved, stage } = means;
  if ("mail" in step) {
    const mail = (await (await fetch(stage.mail)).json()) as { secret: string };
    saved.set(step.mail, mail.secret);
    return {};
  }
  if ("upload" in step) {
    const { url, columns, row } = fill(step.upload, saved) as {
      url: string;
      columns: string[];
      row: Record<string, string>;
    };
    const body = `${columns.join(",")}\n${columns.map((column) => row[column] ?? "").join(",")}\n`;
    const response = await fetch(url, {
      method: "PUT",
      headers: { "x-amz-server-side-encryption": "aws:kms" },
      body,
    });
    return { status: response.status };
  }
  const answer = await ask(step, means);
  for (const [name, path] of Object.entries(step.save ?? {})) saved.set(name, valueAt(answer, path));
  return answer;
}

async function ask(step: CallStep, { send, saved }: Means): Promise<unknown> {
  const parameters = fill(step.parameters, saved) as object;
  const endsMs = Date.now() + 20_000;
  for (;;) {
    const { $metadata: _, ...answer } = (await send(step, parameters)) as { $metadata: object };
    const { until } = step;
    if (until === undefined || valueAt(answer, until.path) === until.value || Date.now() > endsMs)
      return answer;
    await sleep(5);
  }
}

function valueAt(answer: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce((value, part) => (value as Record<string, unknown> | undefined)?.[part], answer);
}

function fill(value: unknown, saved: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, saved));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, saved)]));
  }
  if (typeof value !== "string") return value;
  const whole = /^\$\{(\w+)\}$/.exec(value);
  return whole === null
    ? value.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => String(saved.get(name)))
    : saved.get(whole[1] ?? "");
}
