// Fills the page of a run that goes on. It runs in the browser, by itself, and shows whatever it was given as text only.

/** What of a snapshot is shown, as src/run/watch-run.ts writes it; what is not known is left out there. */
interface Snapshot {
  readonly at: string;
  readonly runId: string;
  readonly userPoolId: string;
  readonly state: string;
  readonly isOver: boolean;
  readonly phase: "loading" | "follow-ups" | "ending";
  readonly workers?: number;
  readonly lastSeenAt?: string;
  readonly settled: number;
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly usersPerSecond?: number;
  readonly etaSeconds?: number;
  readonly rates: readonly { readonly category: string; readonly taken: number; readonly limit: number }[];
  readonly jobs: readonly {
    readonly part: number;
    readonly rows: number;
    readonly status: string;
    readonly counted: number;
  }[];
  readonly followUps: { readonly wanted: number; readonly done: number; readonly failed: number };
}

const number = new Intl.NumberFormat("en-US");
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

const STATES: Readonly<Record<string, string>> = {
  planning: "The plan is being made",
  planned: "Planned, and nothing was sent yet",
  done: "The run is finished",
  undoing: "The run is being undone",
  undone: "The run was undone",
  purging: "The run is being purged",
  purged: "The run was purged",
};

const STAGES: Readonly<Record<Snapshot["phase"], string>> = {
  loading: "loading users",
  "follow-ups": "follow-ups",
  ending: "ending",
};

let isOver = false;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/** Writes a text where it is another one: a reader of the screen is told of nothing that has not changed. */
function write(id: string, text: string): void {
  const place = element(id);
  if (place.textContent !== text) place.textContent = text;
}

function stateText({ state, workers, lastSeenAt }: Snapshot): string {
  if (state !== "applying") return STATES[state] ?? state;
  if (workers === 1) return "One process is at work";
  if (workers !== undefined && workers > 0) return `${workers} processes are at work`;
  const since = lastSeenAt === undefined ? "" : ` since ${clock.format(new Date(lastSeenAt))}`;
  return `Nobody is at work on it${since}. poolferry resume goes on with it`;
}

function durationText(seconds: number): string {
  if (seconds < 120) return `about ${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `about ${minutes} min`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function fillTable(id: string, rows: readonly (readonly [text: string, isNumber: boolean])[][]): void {
  const body = element(id);
  const columns = body.closest("table")?.querySelectorAll("th").length ?? 1;
  if (rows.length === 0) {
    const cell = document.createElement("td");
    cell.colSpan = columns;
    cell.textContent = "none";
    const row = document.createElement("tr");
    row.append(cell);
    body.replaceChildren(row);
    return;
  }
  body.replaceChildren(
    ...rows.map((cells) => {
      const row = document.createElement("tr");
      for (const [text, isNumber] of cells) {
        const cell = document.createElement("td");
        cell.textContent = text;
        if (isNumber) cell.className = "number";
        row.append(cell);
      }
      return row;
    }),
  );
}

/** Whether the requests of a category grow with the number of users, and any go. */
const isOfUsers = ({ category, taken }: Snapshot["rates"][number]): boolean =>
  /^User(?!Pool)/.test(category) && taken >= 0.05;

function show(snapshot: Snapshot): void {
  const { runId, userPoolId, settled, total, usersPerSecond, etaSeconds, rates, jobs, followUps } = snapshot;
  isOver = snapshot.isOver;
  const isPlanning = snapshot.state === "planning";
  const { wanted, done, failed } = followUps;
  // Every user has an outcome by then: how far the follow-ups are is what there is to wait for.
  const isFollowing = snapshot.state === "applying" && snapshot.phase === "follow-ups" && wanted > 0;
  const [part, of] = isFollowing ? [done + failed, wanted] : [settled, total];
  const percent = of === 0 || isPlanning ? 0 : Math.floor((part / of) * 1000) / 10;
  document.title = `${isPlanning ? "Planning" : `${percent} %`} – ${runId}`;
  write("run", runId);
  write("pool", userPoolId);
  write("state", stateText(snapshot));
  element("state").classList.toggle(
    "well",
    snapshot.state === "done" && snapshot.failed + snapshot.rejected === 0,
  );
  write("stage", snapshot.state === "applying" ? STAGES[snapshot.phase] : "–");
  write("settled", number.format(part));
  const counted = isFollowing ? "follow-ups" : isPlanning ? "rows read" : "users have an outcome";
  write("total", `${number.format(of)} ${counted}`);
  write("percent", isPlanning ? "" : `(${percent} %)`);
  const bar = element("bar");
  if (bar instanceof HTMLProgressElement) bar.value = percent / 100;
  write("pace", usersPerSecond === undefined ? "–" : usersPerSecond.toFixed(1));
  write("eta", etaSeconds === undefined ? "–" : durationText(etaSeconds));
  for (const outcome of ["failed", "skipped", "rejected"] as const)
    write(outcome, number.format(snapshot[outcome]));
  const ofThem = `${number.format(done + failed)} of ${number.format(wanted)}`;
  write(
    "follow-ups",
    wanted === 0 ? "none" : failed === 0 ? ofThem : `${ofThem}, ${number.format(failed)} failed`,
  );
  fillTable(
    "rates",
    rates.filter(isOfUsers).map(({ category, taken, limit }) => [
      [category, false],
      [taken.toFixed(1), true],
      [limit.toFixed(1), true],
    ]),
  );
  fillTable(
    "jobs",
    jobs.map(({ part, status, counted, rows }) => [
      [String(part), false],
      [status, false],
      [number.format(counted), true],
      [number.format(rows), true],
    ]),
  );
  write("at", clock.format(new Date(snapshot.at)));
}

const events = new EventSource(new URL("events", location.href));
events.addEventListener("message", ({ data }) => show(JSON.parse(String(data)) as Snapshot));
events.addEventListener("end", () => {
  events.close();
  const state = element("state").textContent;
  write(
    "state",
    isOver
      ? `${state}. This page has its last numbers`
      : `poolferry watch has ended. The last it saw: ${state}`,
  );
});
events.addEventListener("error", () => {
  if (events.readyState !== EventSource.CLOSED)
    write("state", "poolferry watch does not answer: trying again");
});
