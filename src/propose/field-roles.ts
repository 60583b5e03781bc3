import { spellingOf } from "./spelling.ts";
import type { FieldSurvey, Survey } from "./survey-fields.ts";
import { TRANSLATED_FIELDS } from "./translated-fields.ts";

/**
 * What fields are usually called in English, by what they most likely are: the best spelling first, in the form of
 * `spellingOf`. A name that could mean several things is not here.
 */
const SPELLINGS = {
  username:
    "cognitousername username userlogin login loginname logonname accountname screenname handle preferredusername samaccountname userprincipalname",
  sourceId:
    "id userid uuid guid uid localid objectid externalid customerid customernumber customerno memberid contactid accountid",
  email: "email emailaddress primaryemailaddress primaryemail mail mailaddress useremail",
  phone:
    "phonenumber mobile mobilephone mobilenumber mobilephonenumber cell cellphone cellphonenumber primaryphonenumber primaryphone phone telephone telephonenumber tel",
  country: "country countrycode phonecountry countryiso",
  emailVerified:
    "emailverified isemailverified emailisverified emailconfirmed isemailconfirmed verifiedemail mailverified mailconfirmed emailaddressverified emailaddressconfirmed",
  emailVerifiedAt: "emailverifiedat emailconfirmedat confirmedat",
  phoneVerified:
    "phonenumberverified phoneverified isphoneverified phonenumberconfirmed phoneconfirmed verifiedphone mobileverified",
  phoneVerifiedAt: "phonenumberverifiedat phoneverifiedat phoneconfirmedat",
  verifiedEmails: "verifiedemailaddresses verifiedemails",
  verifiedPhones: "verifiedphonenumbers verifiedphones",
  anyVerified: "verified isverified confirmed isconfirmed",
  disabled:
    "disabled isdisabled blocked isblocked banned isbanned suspended issuspended deactivated isdeactivated inactive isinactive disabledat blockedat bannedat suspendedat deactivatedat",
  enabled: "enabled isenabled active isactive accountenabled",
  bannedUntil: "banneduntil blockeduntil lockoutend lockeduntil suspendeduntil",
  status: "status accountstatus userstatus",
  deleted: "deleted isdeleted deletedat",
  anonymous: "anonymous isanonymous",
  groups: "groups group usergroups roles role userroles",
  passwordHash: "passworddigest encryptedpassword passwordhash hashedpassword userpass password pass",
  name: "name fullname displayname",
  given_name: "givenname firstname fname forename",
  family_name: "familyname lastname lname surname sn",
  middle_name: "middlename",
  nickname: "nickname nick",
  picture: "picture avatarurl avatar photourl imageurl pictureurl profileimageurl photo image",
  profile: "profileurl",
  website: "website homepage",
  gender: "gender sex",
  birthdate: "birthdate birthday dateofbirth dob",
  zoneinfo: "zoneinfo timezone tz",
  locale: "locale preferredlanguage language lang",
  updated_at: "updatedat updated lastupdated lastmodified modifiedat modified datemodified",
  createdAt:
    "createdat created datejoined createddate datecreated creationdate registeredat userregistered createdtimestamp",
} as const satisfies Record<string, string>;

/** What a field most likely is. */
export type FieldRole = keyof typeof SPELLINGS;

const ROLE_BY_SPELLING = new Map<string, { readonly role: FieldRole; readonly rank: number }>();
for (const names of [SPELLINGS, ...TRANSLATED_FIELDS])
  for (const [role, spellings] of Object.entries(names))
    for (const spelling of spellings.split(" "))
      // A name that two languages have belongs to the first of them; its rank is its place among all names.
      if (!ROLE_BY_SPELLING.has(spelling))
        ROLE_BY_SPELLING.set(spelling, { role: role as FieldRole, rank: ROLE_BY_SPELLING.size });

/** Objects in a row that hold the user's own fields. */
const CONTAINERS = new Set([
  "profile",
  "traits",
  "attributes",
  "user",
  "name",
  "person",
  "contact",
  "usermetadata",
  "appmetadata",
  "rawusermetadata",
]);

/** The fields for each role, the best first: fields of the row before those in objects, then by spelling. */
export function fieldsByRole({ fields }: Survey): ReadonlyMap<FieldRole, readonly FieldSurvey[]> {
  const found = new Map<FieldRole, { readonly field: FieldSurvey; readonly rank: number }[]>();
  for (const field of fields) {
    if (field.container !== undefined && !CONTAINERS.has(spellingOf(field.container))) continue;
    const match = ROLE_BY_SPELLING.get(spellingOf(field.name));
    // An object holds fields; it is none.
    if (match === undefined || field.objects > 0) continue;
    const rank = match.rank + (field.container === undefined ? 0 : ROLE_BY_SPELLING.size);
    found.set(match.role, [...(found.get(match.role) ?? []), { field, rank }]);
  }
  return new Map(
    [...found].map(([role, candidates]) => [
      role,
      candidates.sort((one, other) => one.rank - other.rank).map(({ field }) => field),
    ]),
  );
}
