import type { FieldSurvey, Survey } from "./survey-fields.ts";

/**
 * What fields are usually called, by what they most likely are: the best spelling first, without separators and in
 * lower case. A name that could mean several things is not here.
 */
const SPELLINGS = {
  username:
    "username userlogin login loginname logonname accountname screenname handle preferredusername samaccountname userprincipalname benutzername nomutilisateur usuario",
  sourceId: "id userid uuid guid uid localid objectid externalid customerid memberid contactid accountid",
  email:
    "email emailaddress primaryemailaddress primaryemail mail mailaddress useremail emailadresse correo correoelectronico courriel",
  phone:
    "phonenumber mobile mobilephone mobilenumber mobilephonenumber cell cellphone cellphonenumber primaryphonenumber primaryphone phone telephone telephonenumber tel handy mobiltelefon telefon telefonnummer",
  country: "country countrycode phonecountry countryiso land pays",
  emailVerified:
    "emailverified isemailverified emailisverified emailconfirmed isemailconfirmed verifiedemail",
  emailVerifiedAt: "emailverifiedat emailconfirmedat confirmedat",
  phoneVerified:
    "phonenumberverified phoneverified isphoneverified phonenumberconfirmed phoneconfirmed verifiedphone mobileverified",
  phoneVerifiedAt: "phonenumberverifiedat phoneverifiedat phoneconfirmedat",
  verifiedEmails: "verifiedemailaddresses verifiedemails",
  verifiedPhones: "verifiedphonenumbers verifiedphones",
  anyVerified: "verified isverified confirmed isconfirmed",
  disabled:
    "disabled isdisabled blocked isblocked banned isbanned suspended issuspended deactivated isdeactivated inactive isinactive disabledat blockedat bannedat suspendedat deactivatedat",
  enabled: "enabled isenabled active isactive accountenabled aktiv",
  bannedUntil: "banneduntil blockeduntil lockoutend lockeduntil suspendeduntil",
  status: "status accountstatus userstatus",
  deleted: "deleted isdeleted deletedat",
  anonymous: "anonymous isanonymous",
  groups: "groups group usergroups roles role userroles gruppen rollen",
  passwordHash: "passworddigest encryptedpassword passwordhash hashedpassword userpass password pass",
  name: "name fullname displayname completename",
  given_name: "givenname firstname fname forename vorname prenom nombre",
  family_name: "familyname lastname lname surname sn nachname familienname apellido apellidos",
  middle_name: "middlename",
  nickname: "nickname nick",
  picture: "picture avatarurl avatar photourl imageurl pictureurl profileimageurl photo image",
  profile: "profileurl",
  website: "website homepage",
  gender: "gender sex geschlecht",
  birthdate: "birthdate birthday dateofbirth dob geburtsdatum",
  zoneinfo: "zoneinfo timezone tz zeitzone",
  locale: "locale preferredlanguage language lang sprache",
  updated_at: "updatedat updated lastupdated lastmodified modifiedat modified datemodified",
  createdAt:
    "createdat created datejoined createddate datecreated creationdate registeredat userregistered createdtimestamp",
} as const satisfies Record<string, string>;

/** What a field most likely is. */
export type FieldRole = keyof typeof SPELLINGS;

const ROLE_BY_SPELLING = new Map<string, { readonly role: FieldRole; readonly rank: number }>();
for (const [role, spellings] of Object.entries(SPELLINGS))
  for (const [rank, spelling] of spellings.split(" ").entries())
    ROLE_BY_SPELLING.set(spelling, { role: role as FieldRole, rank });

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
  "rawusermetadata",
]);

/** A name without what spellings differ in: case, spaces, separators. */
export function spellingOf(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The fields for each role, the best first: fields of the row before those in objects, then by spelling. */
export function fieldsByRole({ fields }: Survey): ReadonlyMap<FieldRole, readonly FieldSurvey[]> {
  const found = new Map<FieldRole, { readonly field: FieldSurvey; readonly rank: number }[]>();
  for (const field of fields) {
    if (field.container !== undefined && !CONTAINERS.has(spellingOf(field.container))) continue;
    const match = ROLE_BY_SPELLING.get(spellingOf(field.name));
    // An object holds fields; it is none.
    if (match === undefined || field.objects > 0) continue;
    const rank = match.rank + (field.container === undefined ? 0 : 1_000);
    found.set(match.role, [...(found.get(match.role) ?? []), { field, rank }]);
  }
  return new Map(
    [...found].map(([role, candidates]) => [
      role,
      candidates.sort((one, other) => one.rank - other.rank).map(({ field }) => field),
    ]),
  );
}
