import { Argument, type Command } from "commander";
import { oneOf } from "./choice.ts";
import { SCRIPTS, SHELLS, type Shell } from "./completion-scripts.ts";
import { examplesText } from "./help-text.ts";
import { printResult } from "./terminal.ts";

/** `poolferry completion`: what a shell reads to complete commands; and the hidden command that it then asks. */
export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .addArgument(oneOf(new Argument("<shell>", "your shell"), SHELLS))
    .summary("let your shell complete commands, options, values and files")
    .description(
      "Prints a script that lets your shell complete commands, options, choices, types of sources and files. It asks poolferry at each Tab, which must be in your PATH; nothing is read but names of commands, files and variables.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry completion bash >> ~/.bashrc",
        "poolferry completion zsh >> ~/.zshrc",
        "poolferry completion fish > ~/.config/fish/completions/poolferry.fish",
        "poolferry completion powershell >> $PROFILE",
      ),
    )
    .action((shell: Shell) => printResult(SCRIPTS[shell].trimEnd()));
  program
    .command("__complete", { hidden: true })
    .argument("<shell>")
    .argument("<word>")
    .argument("[before...]")
    .passThroughOptions()
    .action(async (shell: string, word: string, before: readonly string[]) => {
      const { complete } = await import("./complete.ts");
      const unquote = shell === "powershell" ? withoutQuotes : withoutEscapes;
      const typed = { before: before.map(unquote), word: unquote(word.slice(1)) };
      const { kind, candidates } = await complete(program, typed);
      printResult(
        [kind, ...candidates.map(({ value, description }) => `${value}\t${description}`)].join("\n"),
      );
    });
}

/** A word as a shell of Unix takes it, as far as it is typed. */
function withoutEscapes(word: string): string {
  return /^["']/.test(word) ? withoutQuotes(word) : word.replaceAll(/\\(.)/gs, "$1");
}

function withoutQuotes(word: string): string {
  const [quote = ""] = /^["']/.exec(word) ?? [];
  return quote === "" ? word : word.slice(1).replace(new RegExp(`${quote}$`), "");
}
