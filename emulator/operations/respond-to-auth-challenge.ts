import { callerOf } from "../auth/caller.ts";
import { answerChallenge, type ChallengeRequest } from "../auth/challenges.ts";
import type { Context } from "./context.ts";

interface Request extends ChallengeRequest {
  readonly ClientId: string;
}

/** Goes on with a sign-in by the user's answer to a challenge. */
export function respondToAuthChallenge({ account }: Context, request: Request): Promise<object> {
  return answerChallenge(callerOf(account, request), request);
}
