import type { Context } from "./context.ts";

/** Says who asks: always the one made-up user of the account, since keys belong to nobody here (not AWS's behaviour). */
export function getCallerIdentity({ account }: Context): object {
  return {
    UserId: "AIDAEMULATOREMULATOR",
    Account: account.id,
    Arn: `arn:aws:iam::${account.id}:user/emulator`,
  };
}
