import type { Issue } from "./issue.ts";
import type { Attributes } from "./planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool } from "./pool.ts";

/** The issue of a user to whom Cognito will send a code. */
export function codeSentTo(contact: Contact): Issue {
  return { code: "code-sent", attribute: contact, message: `Cognito sends a code to the ${contact}` };
}

/**
 * The contacts that Cognito sends a code to when an administrator gives a user these attributes in one request, where the
 * user has those: each that the pool verifies by itself, and that gets another value without being called verified in the
 * same request.
 *
 * Documented: that such a change sends a code, an administrator's too, and that none is sent to what the request calls
 * verified. Reported: the value that is there already is sent none. Our guess: a flag that changes alone sends none.
 */
export function contactsSentCode(update: Attributes, have: Attributes, pool: Pool): readonly Contact[] {
  const wanted = new Map(update);
  const before = new Map(have);
  return CONTACTS.filter((contact) => {
    const value = wanted.get(contact) ?? "";
    const isNew = value !== "" && value !== before.get(contact);
    return isNew && pool.autoVerified.includes(contact) && wanted.get(VERIFIED_FLAG[contact]) !== "true";
  });
}
