import type { GivenAttribute } from "../state/read-attributes.ts";
import type { Caller } from "./caller.ts";
import { notAuthorized } from "./refusals.ts";

/** Refuses attributes that a client may not write: whether something is verified never is (wording reported). */
export function checkWritable({ account, client }: Caller, given: readonly GivenAttribute[]): void {
  const isWritable = (name: string) => {
    if (name.endsWith("_verified") || name.startsWith("dev:")) return false;
    if (client.writeAttributes !== undefined) return client.writeAttributes.includes(name);
    return account.rules.unnamedWriteAttributes === "all" || !name.startsWith("custom:");
  };
  if (given.every(({ Name }) => isWritable(Name))) return;
  throw notAuthorized("A client attempted to write unauthorized attribute");
}
