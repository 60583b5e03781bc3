import pc from "picocolors";
import type { DoctorSummary } from "../run/doctor.ts";

type Verdict = DoctorSummary["checks"][number]["verdict"];

const WORDS: Readonly<Record<Verdict, string>> = {
  ok: pc.green("ok     "),
  warning: pc.yellow("warning"),
  failure: pc.red("failure"),
  "not-tried": pc.dim("-      "),
};

/** What was found, a line a check, and below it how to mend it. */
export function doctorText({ checks }: DoctorSummary): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const count = (wanted: Verdict): number => checks.filter(({ verdict }) => verdict === wanted).length;
  const lines = checks.flatMap(({ name, verdict, message, fix }) => [
    `${WORDS[verdict]}  ${name.padEnd(width)}  ${message}`,
    ...(fix === undefined ? [] : [`${" ".repeat(width + 11)}${pc.bold("To mend it:")} ${fix}`]),
  ]);
  const sums = [
    `${count("ok")} ok`,
    counted(count("warning"), "warning"),
    counted(count("failure"), "failure"),
    `${count("not-tried")} not tried`,
  ];
  return [...lines, pc.bold(sums.join(", "))].join("\n");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
