import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished } from "vitest";

import { startEmulator } from "../../support/emulator.ts";
import type { Stage } from "./drive-sdk.ts";

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };
/** An emulator that checks every signature, and a letter box with its latest message. */
export async function aStage(): Promise<Stage> {
  const emulator = await startEmulator({
    credentials: CREDENTIALS,
    quotas: "off",
    rules: { stoppableStatuses: ["Created", "Pending", "InProgress"] },
  });
  onTestFinished(() => emulator.close());
  const mail = createServer((_, response) => {
    response.end(JSON.stringify(emulator.state.outbox.at(-1)));
  });
  mail.listen(0, "127.0.0.1");
  await once(mail, "listening");
  onTestFinished(() => void mail.close());
  const { port } = mail.address() as AddressInfo;
  return {
    endpoint: emulator.url,
    mail: `http://127.0.0.1:${port}/`,
    key: CREDENTIALS.accessKeyId,
    secret: CREDENTIALS.secretAccessKey,
  };
}
