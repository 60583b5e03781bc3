import { parseFlag } from "../transform/parse-flag.ts";
import { spellingOf } from "./spelling.ts";

/** What a word answers: a plain yes or no, whether someone may sign in, or whether something was verified. */
export type WordKind = "answer" | "state" | "verification";

/** A well-known word for yes or no. */
export interface FlagWord {
  readonly kind: WordKind;
  readonly isYes: boolean;
}

/** English first, then de, fr, es, it, nl, pl; in the form of `spellingOf`. */
const YES_WORDS: Readonly<Record<WordKind, string>> = {
  answer: "on ja j wahr an oui o vrai si s verdadero vero waar tak prawda",
  state:
    "active enabled aktiv aktiviert freigegeben freigeschaltet actif activo activa habilitado attivo attiva abilitato actief ingeschakeld aktywny aktywna aktywne",
  verification:
    "verified confirmed bestatigt bestaetigt verifiziert verifie confirme verificado confirmado verificato confermato geverifieerd bevestigd zweryfikowany potwierdzony",
};

const NO_WORDS: Readonly<Record<WordKind, string>> = {
  answer: "off nein falsch aus non faux falso nee onwaar nie falsz",
  state:
    "inactive disabled suspended blocked banned deactivated inaktiv deaktiviert gesperrt inactif desactive suspendu bloque inactivo inactiva deshabilitado suspendido bloqueado inattivo inattiva disattivato disabilitato sospeso bloccato inactief uitgeschakeld geblokkeerd nieaktywny nieaktywna nieaktywne zablokowany zablokowana",
  verification:
    "unverified notverified unconfirmed notconfirmed unbestatigt unbestaetigt nichtbestatigt nichtbestaetigt nichtverifiziert nonverifie nonconfirme noverificado noconfirmado nonverificato nonconfermato nietgeverifieerd nietbevestigd niezweryfikowany niepotwierdzony",
};

const WORDS = new Map<string, FlagWord>();
for (const kind of ["answer", "state", "verification"] as const) {
  for (const word of YES_WORDS[kind].split(" ")) WORDS.set(word, { kind, isYes: true });
  for (const word of NO_WORDS[kind].split(" ")) WORDS.set(word, { kind, isYes: false });
}

/** Letters, spaces and hyphens, as words have; anything else could be data. */
const LIKE_A_WORD = /^[\p{L}\p{M}]+(?:[ -][\p{L}\p{M}]+)*$/u;

/** What a text says if it is a flag as rules read it, or one of a fixed list of words; undefined for anything else. */
export function flagWordOf(text: string): FlagWord | undefined {
  if (text.length > 20) return undefined;
  const flag = parseFlag(text);
  if (flag !== undefined) return { kind: "answer", isYes: flag };
  return LIKE_A_WORD.test(text) ? WORDS.get(spellingOf(text)) : undefined;
}
