import { InvalidArgumentError, type Argument, type Option } from "commander";
import { didYouMean } from "../core/did-you-mean.ts";

/** Lets an option or an argument be one of these words; what is close to one is told which. */
export function oneOf<Of extends Option | Argument>(place: Of, choices: readonly string[]): Of {
  place.choices(choices);
  place.argParser((word: string) => {
    if (choices.includes(word)) return word;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.${didYouMean(word, choices)}`);
  });
  return place;
}
