/**
 * What was opened one after the other, and is closed in the reverse order; what fails to close is tried, and its error thrown at
 * the end. AsyncDisposableStack, which Node 22 does not have.
 */
export class Opened implements AsyncDisposable {
  readonly #things: AsyncDisposable[] = [];

  /** Takes over something that is open. */
  use<Thing extends AsyncDisposable>(thing: Thing): Thing {
    this.#things.push(thing);
    return thing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let trouble: { readonly error: unknown } | undefined;
    for (const thing of this.#things.splice(0).toReversed()) {
      try {
        await thing[Symbol.asyncDispose]();
      } catch (error) {
        trouble ??= { error };
      }
    }
    if (trouble !== undefined) throw trouble.error;
  }
}

/** Opens several things together: where one of them cannot be opened, those before it are closed again. */
export async function openTogether<Result extends object>(
  open: (opened: Opened) => Promise<Result>,
): Promise<Result & AsyncDisposable> {
  const opened = new Opened();
  try {
    const result = await open(opened);
    return { ...result, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  } catch (error) {
    await opened[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}
