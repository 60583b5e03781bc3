import { expect, test } from "vitest";
import { fieldsByRole } from "../../src/propose/field-roles.ts";
import { surveyRows } from "../../src/propose/survey-fields.ts";
import { aBareRow, DOCUMENTS } from "../support/builders.ts";

/** The role of each column, in their order; undefined for one that has none. */
function rolesOf(columns: readonly string[]): readonly (string | undefined)[] {
  const byRole = fieldsByRole(surveyRows([], { kind: "table", columns }));
  return columns.map(
    (column) => [...byRole].find(([, fields]) => fields.some(({ path }) => path === column))?.[0],
  );
}

const ROLES = [
  "sourceId",
  "username",
  "given_name",
  "family_name",
  "email",
  "emailVerified",
  "phone",
  "country",
  "birthdate",
  "enabled",
  "disabled",
  "groups",
  "passwordHash",
  "updated_at",
  "createdAt",
];

test.each([
  [
    "German",
    "Kunden-Nr.|Benutzername|Vorname|Nachname|E-Mail-Adresse|E-Mail bestätigt|Mobil|Land|Geburtsdatum|Aktiv|Gesperrt|Rollen|Passwort-Hash|Geändert am|Erstellt am",
  ],
  [
    "German without umlauts",
    "KUNDENNUMMER|ANMELDENAME|VORNAME|FAMILIENNAME|EMAIL|EMAIL_BESTAETIGT|TELEFONNUMMER|LAENDERCODE|GEB_DATUM|AKTIV|DEAKTIVIERT|GRUPPEN|KENNWORT|GEAENDERT_AM|ANGELEGT_AM",
  ],
  [
    "French",
    "N° client|Nom d’utilisateur|Prénom|Nom|Courriel|Courriel vérifié|Téléphone portable|Pays|Date de naissance|Actif|Bloqué|Rôles|Mot de passe|Modifié le|Créé le",
  ],
  [
    "Spanish",
    "ID cliente|Nombre de usuario|Nombre|Apellidos|Correo electrónico|Correo electrónico verificado|Móvil|País|Fecha de nacimiento|Activo|Bloqueado|Grupos|Contraseña|Modificado el|Creado el",
  ],
  [
    "Italian",
    "Codice cliente|Nome utente|Nome|Cognome|Indirizzo e-mail|E-mail verificata|Cellulare|Paese|Data di nascita|Attivo|Sospeso|Ruoli|Password|Modificato il|Creato il",
  ],
  [
    "Dutch",
    "Klantnummer|Gebruikersnaam|Voornaam|Achternaam|E-mailadres|E-mail geverifieerd|Mobiel nummer|Land|Geboortedatum|Actief|Geblokkeerd|Groepen|Wachtwoord|Gewijzigd op|Aangemaakt op",
  ],
  [
    "Polish",
    "Numer klienta|Nazwa użytkownika|Imię|Nazwisko|Adres e-mail|E-mail potwierdzony|Numer telefonu|Kraj|Data urodzenia|Aktywny|Zablokowany|Grupy|Hasło|Data modyfikacji|Data utworzenia",
  ],
])("fields are known by their names in %s", (_language, names) => {
  expect(rolesOf(names.split("|"))).toEqual(ROLES);
});

test("accents make no difference, letters of other scripts do", () => {
  expect(rolesOf(["PRENOM", "prénom", "pre\u0301nom"])).toEqual(["given_name", "given_name", "given_name"]);
  expect(rolesOf(["имя", "メール"])).toEqual([undefined, undefined]);
});

test("fields in objects of the user's own are found, behind those of the row", () => {
  const row = {
    app_metadata: { roles: ["a"], email: "b" },
    user_metadata: { nickname: "c" },
    email: "d",
    bill: { name: "e" },
  };
  const byRole = fieldsByRole(surveyRows([aBareRow(row)], DOCUMENTS));
  const paths = [...byRole].map(([role, fields]) => [role, fields.map(({ path }) => path)]);
  expect(Object.fromEntries(paths)).toEqual({
    groups: ["app_metadata.roles"],
    email: ["email", "app_metadata.email"],
    nickname: ["user_metadata.nickname"],
  });
});

test.each(["mail_confirmed", "EmailAddressVerified", "email_confirmed"])(
  "%s says whether an address is verified",
  (column) => {
    expect(rolesOf(["e_mail", column])).toEqual(["email", "emailVerified"]);
  },
);
