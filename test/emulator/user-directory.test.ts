import fc from "fast-check";
import { test, expect } from "vitest";

import type { User } from "../../emulator/index.ts";
import { attributeOf } from "../../emulator/state/user.ts";
import { UserDirectory } from "../../emulator/state/user-directory.ts";

const names = fc.constantFrom("ann", "Bob", "bob", "cid", "dan", "eve", "fay");
const email = fc.constantFrom(["email", "a@example.com"], ["email", "A@example.com"], [] as string[]);

/** What may be done to a directory, or asked of it. Indexes are made when they are first asked for. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), name: names, attributes: email }),
    fc.record({ kind: fc.constant("change" as const), place: fc.nat(7), attributes: email }),
    fc.record({ kind: fc.constant("remove" as const), place: fc.nat(7) }),
    fc.record({ kind: fc.constant("ask" as const), what: fc.constantFrom("sub", "email", "name") }),
  ),
  { maxLength: 60, size: "max" },
);

test.each([true, false])(
  "list-order: a directory finds whom a search through all users finds, in the same order (case matters: %s)",
  (caseSensitive) => {
    const fold = (text: string) => (caseSensitive ? text : text.toLowerCase());
    fc.assert(
      fc.property(steps, (given) => {
        const directory = new UserDirectory({ caseSensitive, aliases: ["email"] });
        // Everybody who was ever there, so that the gone are asked for too.
        const subs: string[] = [];
        const ask = (what: string) => {
          const all = [...directory];
          if (what === "sub") {
            for (const sub of subs) expect(directory.bySub(sub)).toBe(all.find((user) => user.sub === sub));
            return;
          }
          if (what === "name") {
            for (const name of ["ann", "BOB", "bob", "cid", "dan"]) {
              const same = (user: User) => fold(user.username) === fold(name);
              expect(directory.byUsername(name)).toBe(all.find(same));
            }
            return;
          }
          for (const value of ["a@example.com", "A@example.com", "none@example.com"]) {
            const same = (user: User) => {
              const has = attributeOf(user, "email");
              return has !== undefined && fold(has) === fold(value);
            };
            expect(directory.byAttribute("email", value)).toEqual(all.filter(same));
          }
        };
        for (const step of given) {
          if (step.kind === "ask") {
            ask(step.what);
            continue;
          }
          if (step.kind === "add") {
            if (directory.byUsername(step.name) !== undefined) continue;
            const sub = `sub-${subs.length}`;
            subs.push(sub);
            const { name: username, attributes } = step;
            directory.add({ username, sub, status: "CONFIRMED", attributes, aliases: [], nowMs: 0 });
            continue;
          }
          const user = directory.at(step.place);
          if (user === undefined) continue;
          if (step.kind === "remove") directory.remove(user);
          else directory.change(user, step.attributes, []);
        }
        for (const what of ["sub", "email", "name"]) ask(what);
        expect([...directory]).toHaveLength(directory.size);
      }),
    );
  },
);
