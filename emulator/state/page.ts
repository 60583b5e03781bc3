/** Members at places that are never given twice, with holes where members left. */
export interface Placed<Member> {
  /** One more than the greatest place ever given. */
  readonly end: number;
  at(place: number): Member | undefined;
}

/** Some of the members, and where the next page begins; nothing after the last one. */
export interface Page<Member> {
  readonly members: readonly Member[];
  readonly next: number | undefined;
}

/** Reads one page from a place on. Members that come or go between two pages neither repeat nor hide others. */
export function readPage<Member>(
  placed: Placed<Member>,
  range: { readonly start: number; readonly limit: number },
): Page<Member> {
  const members: Member[] = [];
  for (let place = range.start; place < placed.end; place += 1) {
    const member = placed.at(place);
    if (member === undefined) continue;
    if (members.length === range.limit) return { members, next: place };
    members.push(member);
  }
  return { members, next: undefined };
}
