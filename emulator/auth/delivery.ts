import type { UserOfPool } from "../state/account.ts";
import type { Pool, VerifiableName } from "../state/pool.ts";
import { attributeOf } from "../state/user.ts";

/** Where a code goes. */
export interface Delivery {
  readonly attribute: VerifiableName;
  readonly destination: string;
}

/** The medium that an attribute's messages travel by. */
export function mediumOf(attribute: VerifiableName): "EMAIL" | "SMS" {
  return attribute === "email" ? "EMAIL" : "SMS";
}

/** A delivery as the API shows it, its destination masked (`a***@e***`, `+*******1212`: documented). */
export function viewDelivery({ attribute, destination }: Delivery): object {
  return {
    AttributeName: attribute,
    DeliveryMedium: mediumOf(attribute),
    Destination: maskDestination(destination),
  };
}

/** An address or number of which only a hint is left. */
export function maskDestination(destination: string): string {
  const [name = "", domain] = destination.split("@");
  if (domain !== undefined) return `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`;
  return `+${"*".repeat(Math.max(destination.length - 5, 0))}${destination.slice(-4)}`;
}

/** Where a new user's code goes: to what the pool verifies, the phone before the e-mail (documented). */
export function confirmationDelivery({ pool, user }: UserOfPool): Delivery | undefined {
  const { autoVerified } = pool.settings;
  const names = (["phone_number", "email"] as const).filter((name) => autoVerified.includes(name));
  return firstDelivery({ pool, user }, names);
}

/**
 * Where a user's reset code goes: to a verified contact, by the pool's recovery setting, and without one the
 * phone before the e-mail (documented).
 */
export function recoveryDelivery({ pool, user }: UserOfPool): Delivery | undefined {
  const names = recoveryOf(pool).filter((name) => name !== "admin_only");
  return firstDelivery(
    { pool, user },
    names.filter((name) => attributeOf(user, `${name}_verified`) === "true"),
  );
}

/** Whether only an administrator resets passwords in this pool. */
export function isAdminOnly(pool: Pool): boolean {
  return recoveryOf(pool)[0] === "admin_only";
}

/** What a client that hides who exists shows for a user without a code: a made-up delivery (documented). */
export function pretendedDelivery(name: string): Delivery {
  if (/^\+\d+$/.test(name)) return { attribute: "phone_number", destination: name };
  return { attribute: "email", destination: name.includes("@") ? name : `${name}@example.com` };
}

function firstDelivery({ user }: UserOfPool, names: readonly VerifiableName[]): Delivery | undefined {
  for (const attribute of names) {
    const destination = attributeOf(user, attribute);
    if (destination !== undefined) return { attribute, destination };
  }
  return undefined;
}

const MECHANISMS = {
  verified_email: "email",
  verified_phone_number: "phone_number",
  admin_only: "admin_only",
} as const;

function recoveryOf({ settings }: Pool): readonly (VerifiableName | "admin_only")[] {
  // The request that set it was checked against its shape.
  const setting = settings.echoed["AccountRecoverySetting"] as
    | { readonly RecoveryMechanisms?: readonly { readonly Priority: number; readonly Name: Mechanism }[] }
    | undefined;
  const mechanisms = setting?.RecoveryMechanisms ?? [];
  if (mechanisms.length === 0) return ["phone_number", "email"];
  return mechanisms
    .toSorted((left, right) => left.Priority - right.Priority)
    .map(({ Name }) => MECHANISMS[Name]);
}

type Mechanism = keyof typeof MECHANISMS;
