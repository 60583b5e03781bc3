/**
 * A name of which only its owner recognises what is left: the first character, and of an e-mail address the first of its
 * domain and the last label. Of a name so short that this would be all of it, nothing is left.
 */
export function mask(name: string): string {
  const at = name.lastIndexOf("@");
  if (at < 1) return maskPart(name);
  const domain = name.slice(at + 1);
  const dot = domain.lastIndexOf(".");
  return `${maskPart(name.slice(0, at))}@${dot < 1 ? maskPart(domain) : maskPart(domain.slice(0, dot)) + domain.slice(dot)}`;
}

const SHORTEST_SHOWN = 3;

function maskPart(part: string): string {
  const characters = Array.from(part);
  return characters.length < SHORTEST_SHOWN ? "…" : `${characters[0]}…`;
}
