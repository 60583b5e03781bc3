import { z } from "zod";

import { CATEGORIES, type CategoryName } from "../quota/categories.ts";
import type { QuotaChange } from "../quota/quotas.ts";
import type { PlannedFault, Release } from "../steer.ts";

const rate = z.number().positive();
// The keys of the table are the names.
const categoryNames = Object.keys(CATEGORIES) as [CategoryName, ...CategoryName[]];

/** Request rates as they come over HTTP. */
export const QUOTA_CHANGE: z.ZodType<QuotaChange> = z.union([
  z.enum(["off", "documented"]),
  z.strictObject({
    categories: z.partialRecord(z.enum(categoryNames), rate).exactOptional(),
    operationInPool: rate.exactOptional(),
    readsOfUser: rate.exactOptional(),
    writesOfUser: rate.exactOptional(),
    burstSeconds: z.number().nonnegative().exactOptional(),
  }),
]);

// Below 200 an answer does not end with its head.
const status = z.int().min(200).max(599);

/** A planned fault as it comes over HTTP. */
export const PLANNED_FAULT: z.ZodType<PlannedFault> = z.strictObject({
  operation: z.string().min(1),
  from: z.int().positive().exactOptional(),
  count: z.int().nonnegative().exactOptional(),
  moment: z.enum(["before-effect", "after-effect"]).exactOptional(),
  fault: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.enum(["drop", "reset", "truncate", "throttle"]) }),
    z.strictObject({ kind: z.literal("error"), status, type: z.string().min(1), message: z.string() }),
    z.strictObject({ kind: z.literal("html"), status }),
    z.strictObject({ kind: z.literal("delay"), delayMs: z.number().nonnegative() }),
    z.strictObject({ kind: z.literal("hold"), name: z.string().min(1) }),
  ]),
});

/** How held requests go on, as it comes over HTTP. */
export const RELEASE: z.ZodType<{ readonly how?: Release }> = z.strictObject({
  how: z.enum(["go-on", "drop"]).exactOptional(),
});

/** A change of the clock as it comes over HTTP; several at once happen in this order. */
export const CLOCK_CHANGE = z
  .strictObject({
    /** Stands still at this epoch time in milliseconds. */
    stopAtMs: z.number().exactOptional(),
    /** Moves on by so many milliseconds. */
    advanceMs: z.number().exactOptional(),
    /** Goes on from where it stands. */
    run: z.literal(true).exactOptional(),
    /** Goes on with the computer's time, whatever was done to it. */
    reset: z.literal(true).exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 0, "say stopAtMs, advanceMs, run or reset");
