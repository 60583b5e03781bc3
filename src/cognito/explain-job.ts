/** What each status of an import job means (documented life-cycle), as the end of a sentence about the job. */
const STATUSES: Readonly<Record<string, string>> = {
  Created:
    "waits for its file and its start; the address for the file is valid for 15 minutes, and a job that is not started expires after 24 to 48 hours",
  Pending: "was started and waits for its turn; one job at a time runs in an account",
  InProgress: "reads its file and creates users",
  Stopping: "was told to stop; users whom it has created by then stay",
  Stopped: "was stopped; users whom it had created by then stay",
  Succeeded: "has read its whole file; single users may have failed or been skipped all the same",
  Failed: "did not end well; users whom it had created by then are in the pool all the same",
  Expired: "was not started within 24 to 48 hours; it created nobody, and its file is deleted",
};

/** What a status of an import job means; undefined for one that is not documented. */
export function explainJobStatus(status: string): string | undefined {
  return Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
}

/** The documented messages, each with what it does not say. */
const MESSAGES: readonly { readonly says: RegExp; readonly means: string }[] = [
  {
    says: /too many users have failed or been skipped/i,
    means:
      "Cognito does not say how many are too many. Users who are in the pool already count as skipped, so a file that is imported twice ends like this. The job's log has a line for each user",
  },
  {
    says: /stopped by the developer/i,
    means: "StopUserImportJob was called, by poolferry or by someone else",
  },
  { says: /has expired/i, means: "The job was created, and not started in time" },
  {
    says: /completed successfully/i,
    means: "The whole file was read; the counts say what came of its users",
  },
];

/** What a completion message means; undefined for one that is not documented. */
export function explainCompletionMessage(message: string): string | undefined {
  return MESSAGES.find(({ says }) => says.test(message))?.means;
}
