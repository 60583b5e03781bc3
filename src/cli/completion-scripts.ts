/** The shells that completion is there for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/*
 * Each asks `poolferry __complete SHELL =WORD BEFORE…`: the word that is being typed behind a sign, as some shells lose an
 * empty argument, then the words before it. The answer is a line `words` or `files`, and for each candidate a line with the
 * whole word, a tab, and a description. Behind a word that ends with `:`, `=` or `/` comes no space. Words are never
 * evaluated.
 */

// Bash takes : and = for the ends of words. So words are put together again, and of candidates the part behind the last of
// these is given back. compopt is missing in the bash of macOS.
const BASH = `# poolferry completion for bash
_poolferry() {
  local rest=\${COMP_LINE:0:COMP_POINT} words=() part bare word last candidate lines kind behind IFS=$'\\n'
  for part in "\${COMP_WORDS[@]:0:COMP_CWORD}"; do
    bare=\${rest#"\${rest%%[![:space:]]*}"}
    if [[ $bare == "$rest" && \${#words[@]} -gt 0 ]]; then words[\${#words[@]}-1]+=$part; else words+=("$part"); fi
    rest=\${bare#"$part"}
  done
  word=\${rest#"\${rest%%[![:space:]]*}"}
  if [[ $word == "$rest" ]]; then
    last=$((\${#words[@]} - 1))
    word=\${words[last]}$word
    unset "words[last]"
  fi
  # A word in quotes is not broken.
  if [[ $word != [\\"\\']* && $COMP_WORDBREAKS == *:* ]]; then behind=\${word%"\${word##*[:=]}"}; fi
  lines=$(poolferry __complete bash "=$word" "\${words[@]:1}" 2>/dev/null) || return
  COMPREPLY=()
  while read -r candidate; do
    if [[ -z $kind ]]; then
      kind=$candidate
      continue
    fi
    candidate=\${candidate%%$'\\t'*}
    candidate=\${candidate#"$behind"}
    COMPREPLY+=("$candidate")
  done <<<"$lines"
  if type compopt &>/dev/null; then
    if [[ $kind == files ]]; then compopt -o filenames; fi
    if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[:=/] ]]; then compopt -o nospace; fi
  fi
}
complete -F _poolferry poolferry
`;

const ZSH = `#compdef poolferry
# poolferry completion for zsh
_poolferry() {
  local -a lines whole begun whole_shown begun_shown
  local line value shown
  lines=("\${(@f)$(poolferry __complete zsh "=\${(Q)PREFIX}" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  for line in "\${(@)lines[2,-1]}"; do
    value=\${line%%$'\\t'*}
    shown=$value
    [[ -n \${line#*$'\\t'} ]] && shown="$value  -- \${line#*$'\\t'}"
    if [[ $value == *[:=/] ]]; then
      begun+=("$value") begun_shown+=("$shown")
    else
      whole+=("$value") whole_shown+=("$shown")
    fi
  done
  compadd -d whole_shown -a whole
  compadd -S '' -d begun_shown -a begun
}
if [[ $funcstack[1] == _poolferry ]]; then _poolferry "$@"; else compdef _poolferry poolferry; fi
`;

const FISH = `# poolferry completion for fish
function __poolferry_complete
    set -l before (commandline -opc)
    set -l word (commandline -ct)
    poolferry __complete fish "=$word" $before[2..-1] 2>/dev/null | tail -n +2
end
complete -c poolferry -f -a '(__poolferry_complete)'
`;

const POWERSHELL = `# poolferry completion for PowerShell
Register-ArgumentCompleter -Native -CommandName poolferry -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
      Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
  poolferry __complete powershell "=$wordToComplete" @before 2>$null | Select-Object -Skip 1 | ForEach-Object {
    $value, $description = $_ -split "\`t", 2
    if (-not $description) { $description = $value }
    $text = if ($value -match "[\\s']") { "'" + ($value -replace "'", "''") + "'" } else { $value }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $description)
  }
}
`;

/** What a shell reads to complete the command. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
