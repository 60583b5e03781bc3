/**
 * Reads page after page, each with the token that the one before gave, and the first one with that of an earlier list, if
 * any. A page may hold less than there is, even nothing; only a missing token ends the list (documented).
 */
export async function* pages<Page>(
  read: (token: string | undefined) => Promise<Page>,
  tokenOf: (page: Page) => string | undefined,
  first?: string,
): AsyncGenerator<Page> {
  let token = first;
  do {
    const page = await read(token);
    yield page;
    token = tokenOf(page);
  } while (token !== undefined && token !== "");
}
