import { isSocial } from "../state/social-provider.ts";
import type { LinkedIdentity, User } from "../state/user.ts";

/** An attribute as the API shows it. */
export interface NamedValue {
  readonly Name: string;
  readonly Value: string;
}

/** A user as ListUsers and AdminCreateUser show it. */
export function viewUser(user: User, attributes: readonly NamedValue[]): object {
  return { Username: user.username, Attributes: attributes, ...viewStanding(user) };
}

/** What every view of a user has besides its name and attributes. */
export function viewStanding(user: User): object {
  return {
    UserCreateDate: user.createdMs / 1000,
    UserLastModifiedDate: user.modifiedMs / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

/** All attributes of a user, sub first (AWS sample), then the linked users of identity providers (reported). */
export function viewAttributes(user: User): readonly NamedValue[] {
  const attributes = [{ Name: "sub", Value: user.sub }];
  const { identities = [] } = user.extras ?? {};
  if (identities.length > 0) {
    attributes.push({ Name: "identities", Value: JSON.stringify(identities.map(viewIdentity)) });
  }
  for (let index = 0; index < user.attributes.length; index += 2) {
    attributes.push({ Name: user.attributes[index] ?? "", Value: user.attributes[index + 1] ?? "" });
  }
  return attributes;
}

// The form is reported. Providers do not exist here, so the type of one that is not social is a guess.
function viewIdentity({ providerName, attributeValue, linkedMs }: LinkedIdentity): object {
  return {
    userId: attributeValue,
    providerName,
    providerType: isSocial(providerName) ? providerName : "SAML",
    issuer: null,
    primary: false,
    dateCreated: linkedMs,
  };
}

/** A user's second factors as AdminGetUser shows them; nothing for a user without any (AWS sample). */
export function viewMfa({ extras }: User): object {
  const mfa = extras?.mfa;
  if (mfa === undefined) return {};
  return {
    ...(mfa.preferred === undefined ? {} : { PreferredMfaSetting: mfa.preferred }),
    ...(mfa.enabled.length === 0 ? {} : { UserMFASettingList: mfa.enabled }),
  };
}
