package config

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

//go:generate go run ./reference ../../docs/configuration.md

// Reference returns docs/configuration.md: every flag and environment variable of every command.
func Reference() (string, error) {
	parser, err := kong.New(&CLI{}, kong.Name("taskurotta"), kong.NoDefaultHelp())
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("# Configuration\n\nA flag wins over its environment variable. Generated from `server/config`; `make generate` writes it.\n")
	for _, command := range parser.Model.Leaves(true) {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n", command.FullPath(), command.Help)
		for _, argument := range command.Positional {
			fmt.Fprintf(&out, "\n`<%s>`: %s\n", argument.Name, argument.Help)
		}
		if len(command.Flags) == 0 {
			continue
		}
		out.WriteString("\n| flag | environment | default | meaning |\n|---|---|---|---|\n")
		for _, flag := range command.Flags {
			name := "--" + flag.Name
			if flag.Tag.Negatable != "" {
				name = "--[no-]" + flag.Name
			}
			def := codes(flag.Default)
			if flag.Required {
				def = "required"
			}
			fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", name, codes(flag.Envs...), def, strings.ReplaceAll(flag.Help, "|", `\|`))
		}
	}
	return out.String(), nil
}

func codes(words ...string) string {
	var all []string
	for _, word := range words {
		if word != "" {
			all = append(all, "`"+word+"`")
		}
	}
	return strings.Join(all, ", ")
}
