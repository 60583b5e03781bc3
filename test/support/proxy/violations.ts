import type { Violation } from "./check-shape.ts";

const found: Violation[] = [];

/** Keeps a violation for the test that is running. */
export function recordViolation(violation: Violation): void {
  found.push(violation);
}

/** The violations since the last look. */
export function takeViolations(): readonly Violation[] {
  return found.splice(0);
}
