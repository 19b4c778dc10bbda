package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// The scripts are written from kong's model and hold all they need. The libraries that complete for kong ask the binary at
// every press of Tab, and none of them is maintained well enough to be depended on.

// completions is what may follow at one place.
type completions struct {
	path   string     // of the command: /process/search
	words  []choice   // subcommands, values of an argument, flags
	values []flagEnum // flags with a value
}

type choice struct{ word, help string }

// flagEnum is flags that take a value: one of words, or anything when there are none.
type flagEnum struct {
	names []string
	words []string
}

// pattern matches a command's path and one of the flags.
func (v flagEnum) pattern(path string) string {
	var all []string
	for _, name := range v.names {
		all = append(all, fmt.Sprintf("%q", path+" "+name))
	}
	return strings.Join(all, "|")
}

// Completion writes the script that completes the command line in a shell, bash or zsh.
func Completion(out io.Writer, shell string, app *kong.Application) error {
	var all []completions
	collect(&all, app.Node, "", app.Flags)
	script := bash(app.Name, all)
	if shell == "zsh" {
		script = zsh(app.Name, all)
	}
	_, err := io.WriteString(out, script)
	return err
}

func collect(all *[]completions, node *kong.Node, path string, inherited []*kong.Flag) {
	c := completions{path: path}
	for _, child := range node.Children {
		if child.Type == kong.CommandNode && !child.Hidden {
			c.words = append(c.words, choice{child.Name, child.Help})
		}
	}
	for _, argument := range node.Positional {
		for _, word := range argument.EnumSlice() {
			if word != "" {
				c.words = append(c.words, choice{word, argument.Help})
			}
		}
	}
	flags := inherited
	if path != "" {
		flags = append(slices.Clone(inherited), node.Flags...)
	}
	if node.DefaultCmd != nil { // its flags may follow without its name
		flags = append(slices.Clone(flags), node.DefaultCmd.Flags...)
	}
	var free flagEnum
	for _, flag := range flags {
		if flag.Hidden {
			continue
		}
		c.words = append(c.words, choice{"--" + flag.Name, flag.Help})
		if flag.IsBool() {
			continue
		}
		value := flagEnum{names: []string{"--" + flag.Name}}
		if flag.Short != 0 {
			value.names = append(value.names, "-"+string(flag.Short))
		}
		for _, word := range flag.EnumSlice() {
			if word != "" {
				value.words = append(value.words, word)
			}
		}
		if len(value.words) == 0 {
			free.names = append(free.names, value.names...)
			continue
		}
		c.values = append(c.values, value)
	}
	if len(free.names) > 0 {
		c.values = append(c.values, free)
	}
	*all = append(*all, c)
	for _, child := range node.Children {
		if child.Type == kong.CommandNode && !child.Hidden {
			collect(all, child, path+"/"+child.Name, inherited)
		}
	}
}

// known is a pattern of every command's path.
func known(all []completions) string {
	var paths []string
	for _, c := range all {
		if c.path != "" {
			paths = append(paths, c.path)
		}
	}
	return strings.Join(paths, "|")
}

// bash splits --flag=value into three words; both forms are looked at as flag and value.
func bash(name string, all []completions) string {
	var values, words strings.Builder
	for _, c := range all {
		var list []string
		for _, w := range c.words {
			list = append(list, w.word)
		}
		fmt.Fprintf(&words, "    %q) words=%q ;;\n", c.path, strings.Join(list, " "))
		for _, v := range c.values {
			fmt.Fprintf(&values, "    %s) words=%q; value=1 ;;\n", v.pattern(c.path), strings.Join(v.words, " "))
		}
	}
	return fmt.Sprintf(`# Completion of %[1]s for bash: source <(%[1]s completion bash)
_%[1]s() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= words= value= i
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" && COMP_CWORD -gt 1 ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/${COMP_WORDS[i]}" in
      %[2]s) path="$path/${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $prev" in
%[3]s  esac
  [[ $value ]] || case "$path" in
%[4]s  esac
  if [[ -z $value && $cur != -* ]]; then
    local word plain=
    for word in $words; do [[ $word == -* ]] || plain+="$word "; done
    words=$plain
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _%[1]s %[1]s
`, name, known(all), values.String(), words.String())
}

func zsh(name string, all []completions) string {
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
	var values, words strings.Builder
	for _, c := range all {
		var list []string
		for _, w := range c.words {
			list = append(list, quote(strings.ReplaceAll(w.word, ":", `\:`)+":"+w.help))
		}
		fmt.Fprintf(&words, "    %q) words_=(%s) ;;\n", c.path, strings.Join(list, " "))
		for _, v := range c.values {
			fmt.Fprintf(&values, "    %s) words_=(%s); value=1 ;;\n", v.pattern(c.path), strings.Join(v.words, " "))
		}
	}
	return fmt.Sprintf(`#compdef %[1]s
# Completion of %[1]s for zsh: a file _%[1]s in a folder of $fpath, or source <(%[1]s completion zsh)
_%[1]s() {
  local path_= value= word
  local -a words_
  for word in "${(@)words[2,CURRENT-1]}"; do
    case "$path_/$word" in
      (%[2]s) path_="$path_/$word" ;;
    esac
  done
  case "$path_ ${words[CURRENT-1]}" in
%[3]s  esac
  [[ -n $value ]] || case "$path_" in
%[4]s  esac
  (( ${#words_} )) && _describe %[1]s words_ || _files
}
if [[ $funcstack[1] == _%[1]s ]]; then
  _%[1]s "$@"
else
  compdef _%[1]s %[1]s
fi
`, name, known(all), values.String(), words.String())
}
