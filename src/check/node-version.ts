import { failure, ok, type Finding } from "./check.ts";

/** The oldest Node.js that poolferry runs on, as the package says. */
const OLDEST = [22, 19] as const;

/** Whether this Node.js is new enough. */
export function checkNodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (!isOld) return ok(`Node.js ${version}`);
  return failure(
    `Node.js ${version} is older than ${OLDEST.join(".")}`,
    "Install a newer Node.js; npm install brings one that npx poolferry uses by itself",
  );
}
