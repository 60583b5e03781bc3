/** What an operator can do about a reason that Cognito or a sync gave for an outcome. */
const ADVICE = {
  "user-exists": "Nothing, if this is the same person: users of the pool are never changed",
  "import-failed": "Mend what Cognito's message names, and migrate the corrected failed.csv",
  "not-imported": "Migrate failed.csv in a new run: the job ended without a word on these rows",
  "alias-exists":
    "Find who has this address or number in the pool, and settle which of the two accounts is to keep it",
  "user-refused": "Mend what Cognito's message names, and migrate the corrected failed.csv",
  "attribute-unwritable": "Let the app client write this attribute, or leave it out of the mapping",
  "sign-up-unclear": "Look the user up in the pool: it may be there by this run or from before",
  "password-refused": "Check the pool's password policy, and migrate failed.csv in a new run",
  "trigger-refused": "Ask whoever keeps the pool's pre-sign-up trigger why it refuses these users",
  "trigger-broken": "Mend the pool's pre-sign-up trigger, and migrate failed.csv in a new run",
  "message-undelivered":
    "Check the pool's e-mail and text message settings; the user may be in the pool all the same",
  "follow-up-failed":
    "The user is in the pool: do what is named by hand, or mend its cause and look at follow-ups.csv",
  unchanged: "Nothing: the pool has the user as the source wants it",
  "not-managed": "Nothing, or let the sync adopt such users (sync.adopt)",
  "username-taken": "Settle in the source or the pool which of the two users is to have the username",
  "gone-from-pool": "Nothing, or have deleted users created again (sync.conflicts)",
  withheld: "Approve what a guard has stopped, or wait for the next sync",
  "source-id-shared": "Give each user of the source an id of its own",
} as const;

/** What to do about a reason of an outcome; undefined where only its message can say. */
export function adviceOn(reason: string): string | undefined {
  return Object.hasOwn(ADVICE, reason) ? ADVICE[reason as keyof typeof ADVICE] : undefined;
}
