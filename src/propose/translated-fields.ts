import type { FieldRole } from "./field-roles.ts";

/** What fields are called in a language, in the form of `spellingOf`; umlauts also as they are written without them. */
type FieldNames = Partial<Record<FieldRole, string>>;

const german: FieldNames = {
  username: "benutzername anmeldename nutzername benutzerkennung kennung",
  sourceId:
    "kundennummer kundennr kundenid kdnr mitgliedsnummer mitgliedsnr mitgliedsid benutzernummer benutzerid nutzerid",
  email: "emailadresse mailadresse",
  phone:
    "mobil mobilnummer mobilnr mobiltelefon mobiltelefonnummer handy handynummer handynr telefon telefonnummer telefonnr rufnummer",
  country: "land landercode laendercode landeskennung",
  emailVerified:
    "emailbestatigt emailbestaetigt emailistbestatigt emailistbestaetigt emailadressebestatigt emailadressebestaetigt mailbestatigt mailbestaetigt emailverifiziert emailadresseverifiziert",
  emailVerifiedAt:
    "emailbestatigtam emailbestaetigtam emailadressebestatigtam emailadressebestaetigtam emailverifiziertam",
  phoneVerified:
    "telefonbestatigt telefonbestaetigt telefonnummerbestatigt telefonnummerbestaetigt mobilbestatigt mobilbestaetigt mobilnummerbestatigt mobilnummerbestaetigt handybestatigt handybestaetigt telefonverifiziert telefonnummerverifiziert mobilverifiziert",
  phoneVerifiedAt:
    "telefonbestatigtam telefonbestaetigtam telefonnummerbestatigtam telefonnummerbestaetigtam mobilbestatigtam mobilbestaetigtam",
  anyVerified: "bestatigt bestaetigt verifiziert",
  disabled: "gesperrt istgesperrt blockiert deaktiviert istdeaktiviert inaktiv gesperrtam deaktiviertam",
  enabled: "aktiv istaktiv aktiviert freigeschaltet",
  bannedUntil: "gesperrtbis",
  status: "kontostatus benutzerstatus kundenstatus",
  deleted: "geloscht geloescht istgeloscht istgeloescht geloschtam geloeschtam",
  groups: "gruppen gruppe benutzergruppen rollen rolle benutzerrollen",
  passwordHash: "passworthash kennworthash passwort kennwort",
  name: "vollstandigername vollstaendigername vollername anzeigename",
  given_name: "vorname",
  family_name: "nachname familienname zuname",
  nickname: "spitzname",
  picture: "profilbild bild foto",
  website: "webseite",
  gender: "geschlecht",
  birthdate: "geburtsdatum geburtstag gebdatum gebdat",
  zoneinfo: "zeitzone",
  locale: "sprache",
  updated_at:
    "geandertam geaendertam zuletztgeandert zuletztgeaendert letzteanderung letzteaenderung aktualisiertam anderungsdatum aenderungsdatum",
  createdAt: "erstelltam angelegtam erstellungsdatum erstelldatum anlagedatum registriertam",
};

const french: FieldNames = {
  username: "nomutilisateur nomdutilisateur",
  sourceId: "numeroclient nclient numclient idclient numeroadherent idutilisateur",
  email: "courriel adresseemail adressemail adressecourriel adresseelectronique",
  phone:
    "portable telephoneportable telportable telephonemobile mobiletelephone numerodetelephone numerotelephone",
  country: "pays codepays",
  emailVerified:
    "emailverifie emailconfirme courrielverifie courrielconfirme adresseemailverifiee adresseemailconfirmee",
  phoneVerified: "telephoneverifie telephoneconfirme portableverifie portableconfirme mobileverifie",
  anyVerified: "verifie confirme",
  disabled: "bloque suspendu desactive inactif",
  enabled: "actif",
  status: "statut statutducompte",
  deleted: "supprime",
  groups: "groupes groupe",
  passwordHash: "hashmotdepasse motdepassehash motdepasse",
  name: "nomcomplet completename",
  given_name: "prenom",
  family_name: "nomdefamille nom",
  nickname: "surnom",
  website: "siteweb",
  gender: "sexe",
  birthdate: "datedenaissance datenaissance",
  zoneinfo: "fuseauhoraire",
  locale: "langue",
  updated_at: "modifiele misajourle datedemodification datemodification dernieremodification",
  createdAt: "creele datedecreation datecreation dateinscription datedinscription",
};

const spanish: FieldNames = {
  username: "nombredeusuario nombreusuario usuario",
  sourceId: "numerodecliente numerocliente idcliente idusuario",
  email: "correo correoelectronico direcciondecorreo direcciondecorreoelectronico",
  phone: "movil celular telefonomovil telefonocelular telefono numerodetelefono",
  country: "pais codigopais codigodepais",
  emailVerified:
    "emailverificado emailconfirmado correoverificado correoconfirmado correoelectronicoverificado correoelectronicoconfirmado",
  phoneVerified: "telefonoverificado telefonoconfirmado movilverificado movilconfirmado",
  anyVerified: "verificado confirmado",
  disabled: "bloqueado suspendido desactivado deshabilitado inactivo",
  enabled: "activo habilitado",
  deleted: "eliminado borrado",
  groups: "grupos grupo",
  passwordHash: "hashcontrasena contrasenahash contrasena clave",
  name: "nombrecompleto nombreyapellidos",
  given_name: "nombre",
  family_name: "apellidos apellido primerapellido",
  nickname: "apodo",
  website: "sitioweb",
  gender: "sexo",
  birthdate: "fechadenacimiento fechanacimiento",
  zoneinfo: "zonahoraria",
  locale: "idioma",
  updated_at: "modificadoel actualizadoel fechademodificacion fechamodificacion fechadeactualizacion",
  createdAt: "creadoel fechadecreacion fechacreacion fechadealta fechaalta",
};

const italian: FieldNames = {
  username: "nomeutente",
  sourceId: "codicecliente idutente codiceutente",
  email: "indirizzoemail postaelettronica indirizzodipostaelettronica",
  phone: "cellulare telefonocellulare numerodicellulare numeroditelefono",
  country: "paese nazione codicepaese",
  emailVerified: "emailverificata emailverificato emailconfermata emailconfermato",
  phoneVerified: "telefonoverificato telefonoconfermato cellulareverificato cellulareconfermato",
  anyVerified: "verificato confermato",
  disabled: "bloccato sospeso disattivato disabilitato inattivo",
  enabled: "attivo abilitato",
  deleted: "eliminato cancellato",
  groups: "gruppi gruppo ruoli ruolo",
  name: "nomecompleto nomeecognome nominativo",
  given_name: "nome",
  family_name: "cognome",
  nickname: "soprannome",
  website: "sitoweb",
  gender: "sesso",
  birthdate: "datadinascita datanascita",
  zoneinfo: "fusoorario",
  locale: "lingua",
  updated_at: "modificatoil aggiornatoil datadimodifica datamodifica",
  createdAt: "creatoil datadicreazione datacreazione dataregistrazione",
};

const dutch: FieldNames = {
  username: "gebruikersnaam",
  sourceId: "klantnummer klantnr klantid lidnummer gebruikersid",
  email: "emailadres mailadres",
  phone: "mobiel mobielnummer mobielenummer telefoonnummer telefoon",
  country: "landcode",
  emailVerified: "emailgeverifieerd emailbevestigd emailadresgeverifieerd emailadresbevestigd",
  phoneVerified: "telefoongeverifieerd telefoonbevestigd telefoonnummerbevestigd mobielbevestigd",
  anyVerified: "geverifieerd bevestigd",
  disabled: "geblokkeerd uitgeschakeld gedeactiveerd inactief",
  enabled: "actief ingeschakeld",
  deleted: "verwijderd",
  groups: "groepen groep",
  passwordHash: "wachtwoordhash wachtwoord",
  name: "volledigenaam naam",
  given_name: "voornaam",
  family_name: "achternaam familienaam",
  nickname: "bijnaam",
  gender: "geslacht",
  birthdate: "geboortedatum",
  zoneinfo: "tijdzone",
  locale: "taal",
  updated_at: "gewijzigdop bijgewerktop laatstgewijzigd wijzigingsdatum",
  createdAt: "aangemaaktop aanmaakdatum",
};

const polish: FieldNames = {
  username: "nazwauzytkownika",
  sourceId: "numerklienta nrklienta idklienta iduzytkownika",
  email: "adresemail pocztaelektroniczna",
  phone: "telefonkomorkowy komorka numertelefonu nrtelefonu",
  country: "kraj kodkraju",
  emailVerified:
    "emailpotwierdzony emailzweryfikowany adresemailpotwierdzony adresemailzweryfikowany emailpotwierdzono",
  phoneVerified: "telefonpotwierdzony telefonzweryfikowany",
  anyVerified: "potwierdzony zweryfikowany",
  disabled: "zablokowany nieaktywny",
  enabled: "aktywny",
  deleted: "usuniety",
  groups: "grupy grupa rola",
  passwordHash: "hashhasla haslohash haslo",
  name: "imieinazwisko",
  given_name: "imie",
  family_name: "nazwisko",
  gender: "plec",
  birthdate: "dataurodzenia",
  zoneinfo: "strefaczasowa",
  locale: "jezyk",
  updated_at: "zmodyfikowano datamodyfikacji dataaktualizacji",
  createdAt: "utworzono datautworzenia datarejestracji",
};

/** Names in the languages of exports that people make by hand, besides English. */
export const TRANSLATED_FIELDS: readonly FieldNames[] = [german, french, spanish, italian, dutch, polish];
