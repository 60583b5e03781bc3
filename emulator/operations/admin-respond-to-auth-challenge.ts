import { adminCallerOf } from "../auth/caller.ts";
import { answerChallenge, type ChallengeRequest } from "../auth/challenges.ts";
import type { Context } from "./context.ts";

interface Request extends ChallengeRequest {
  readonly UserPoolId: string;
  readonly ClientId: string;
}

/** Goes on with a sign-in by the user's answer, which a server passes on. */
export function adminRespondToAuthChallenge({ account }: Context, request: Request): Promise<object> {
  return answerChallenge(adminCallerOf(account, request), request);
}
