import type { UserPoolType } from "@aws-sdk/client-cognito-identity-provider";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { toDescribedPool, type DescribedPool } from "../cognito/read-pool.ts";
import { FerryError } from "../core/ferry-error.ts";

const names = z.array(z.string()).optional();

/** What of a description decides how users must look; the rest may be anything. */
const describedSchema = z.object({
  Id: z.string(),
  Name: z.string().optional(),
  Arn: z.string().optional(),
  SchemaAttributes: z
    .array(
      z.object({
        Name: z.string(),
        AttributeDataType: z.enum(["String", "Number", "DateTime", "Boolean"]).optional(),
        Required: z.boolean().optional(),
        Mutable: z.boolean().optional(),
        StringAttributeConstraints: z
          .object({ MinLength: z.string().optional(), MaxLength: z.string().optional() })
          .optional(),
        NumberAttributeConstraints: z
          .object({ MinValue: z.string().optional(), MaxValue: z.string().optional() })
          .optional(),
      }),
    )
    .min(1),
  AutoVerifiedAttributes: names,
  UsernameAttributes: names,
  AliasAttributes: names,
  UsernameConfiguration: z.object({ CaseSensitive: z.boolean().optional() }).optional(),
  MfaConfiguration: z.enum(["OFF", "ON", "OPTIONAL"]).optional(),
  Policies: z
    .object({ PasswordPolicy: z.object({ MinimumLength: z.number().optional() }).optional() })
    .optional(),
  AdminCreateUserConfig: z.object({ AllowAdminCreateUserOnly: z.boolean().optional() }).optional(),
});

const fileSchema = z.union([z.object({ UserPool: describedSchema }), describedSchema]);

/**
 * Reads the description of a pool from a file: what `aws cognito-idp describe-user-pool` prints, with or without its
 * outer `UserPool`. Throws POOL_DESCRIPTION_INVALID, also where it is of another pool.
 */
export async function readPoolDescription(path: string, poolId: string): Promise<DescribedPool> {
  const parsed = fileSchema.safeParse(await readJson(path));
  if (!parsed.success) throw invalid(path, "does not describe a user pool");
  const described = "UserPool" in parsed.data ? parsed.data.UserPool : parsed.data;
  if (described.Id !== poolId) throw invalid(path, `describes ${described.Id} and not ${poolId}`);
  // The file's own text, as the schema has just shown it to be.
  return toDescribedPool(poolId, described as UserPoolType);
}

async function readJson(path: string): Promise<unknown> {
  try {
    const content: unknown = JSON.parse(await readFile(path, "utf8"));
    return content;
  } catch (error) {
    throw invalid(path, error instanceof SyntaxError ? "is not JSON" : "cannot be read", error);
  }
}

function invalid(path: string, what: string, cause?: unknown): FerryError {
  return new FerryError("POOL_DESCRIPTION_INVALID", `The pool description ${path} ${what}`, {
    hint: "Ask whoever owns the pool for what aws cognito-idp describe-user-pool --user-pool-id prints",
    cause,
  });
}
