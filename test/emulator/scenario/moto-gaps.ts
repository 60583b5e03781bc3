const NO_IMPORT = "moto has no import jobs: HTTP 500 and a page of HTML";
const NO_MAIL = "moto's codes can be read nowhere";
const RECOVERY = "moto gives each pool a recovery setting of its own";
const NO_JOB_LOG = "without a job there is no log of one";

/** The steps whose outcome is another one at moto 5.2.1, and why. */
export const MOTO_GAPS: Readonly<Record<string, string>> = {
  "make a pool": RECOVERY,
  "show the pool": RECOVERY,
  "set an attribute that is none": "moto takes attributes that the pool does not have",
  "forget it again": "moto takes an attribute that the user lacks for one that the pool lacks",
  "link ann": "moto links no identities: HTTP 500",
  "choose ann's new password": NO_MAIL,
  "send cleo another code": "moto sends no code again: HTTP 500",
  "confirm cleo": NO_MAIL,
  "show the columns": NO_IMPORT,
  "ask whether one may": "moto simulates no policies: HTTP 500",
  "make a job": NO_IMPORT,
  "start it too early": NO_IMPORT,
  "upload its file": NO_IMPORT,
  "start the job": NO_IMPORT,
  "wait for the job": NO_IMPORT,
  "make another job": NO_IMPORT,
  "stop it": NO_IMPORT,
  "list jobs": NO_IMPORT,
  "list all jobs": NO_IMPORT,
  "find eve": NO_IMPORT,
  "list a log's streams": NO_JOB_LOG,
  "read the log": NO_JOB_LOG,
  "search the log": NO_JOB_LOG,
};

/** The steps whose lists moto answers in no order of its own, and why. */
export const UNORDERED: Readonly<Record<string, string>> = {
  "list ann's groups": "moto keeps a user's groups in a Python set",
};
