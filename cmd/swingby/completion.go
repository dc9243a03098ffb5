package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// flagsOf lists the flags of a command, which declares them itself when it runs.
func flagsOf(c command) []*flag.Flag {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	_ = c.run(context.Background(), fs, []string{"-h"}) // declares its flags and does nothing else
	var list []*flag.Flag
	fs.VisitAll(func(f *flag.Flag) { list = append(list, f) })
	return list
}

// isSwitch reports whether a flag takes no value.
func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// extensions are those of the files that a command takes.
func extensions(c command) []string {
	switch {
	case strings.Contains(c.args, "NOTEBOOK|FUNC"):
		return []string{"ipynb", "go"}
	case strings.Contains(c.args, "NOTEBOOK"):
		return []string{"ipynb"}
	case c.name == "run":
		return []string{"go", "ipynb"}
	}
	return nil
}

func runCompletion(_ context.Context, fs *flag.FlagSet, args []string) error {
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("which shell: bash, zsh or fish")
	}
	return writeCompletion(os.Stdout, rest[0])
}

// writeCompletion writes a script that teaches a shell the commands, their flags and files.
func writeCompletion(w io.Writer, shell string) error {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	var b strings.Builder
	switch shell {
	case "bash":
		b.WriteString("# source <(swingby completion bash)\n_swingby() {\n")
		b.WriteString("\tlocal cur=${COMP_WORDS[COMP_CWORD]} flags= types=\n\tCOMPREPLY=()\n")
		fmt.Fprintf(&b, "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))\n\t\treturn\n\tfi\n", strings.Join(names, " "))
		b.WriteString("\tcase ${COMP_WORDS[1]} in\n")
		for _, c := range commands {
			var flags []string
			for _, f := range flagsOf(c) {
				flags = append(flags, "-"+f.Name)
			}
			fmt.Fprintf(&b, "\t%s) flags=%q types=%q ;;\n", c.name, strings.Join(flags, " "), strings.Join(extensions(c), "|"))
		}
		b.WriteString("\tesac\n\tif [ \"${cur:0:1}\" = - ]; then\n\t\tCOMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n\t\treturn\n\tfi\n")
		b.WriteString("\tlocal IFS=$'\\n'\n\tif [ -n \"$types\" ]; then\n\t\tshopt -s extglob\n\t\tCOMPREPLY=($(compgen -f -X \"!*.@($types)\" -- \"$cur\") $(compgen -d -- \"$cur\"))\n\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\tfi\n}\n")
		b.WriteString("complete -o filenames -F _swingby swingby\n")
	case "zsh":
		b.WriteString("#compdef swingby\n# In a folder of $fpath as _swingby, or: source <(swingby completion zsh)\n_swingby() {\n\tlocal -a commands\n\tcommands=(\n")
		for _, c := range commands {
			fmt.Fprintf(&b, "\t\t%s\n", shellQuote(c.name+":"+brief(c)))
		}
		b.WriteString("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tlocal cmd=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $cmd in\n")
		for _, c := range commands {
			fmt.Fprintf(&b, "\t%s) _arguments -S", c.name)
			for _, f := range flagsOf(c) {
				value, usage := flag.UnquoteUsage(f)
				spec := "-" + f.Name + "[" + strings.NewReplacer("[", "(", "]", ")", ":", " ").Replace(usage) + "]"
				if !isSwitch(f) {
					spec += ":" + value + ":_files"
				}
				b.WriteString(" \\\n\t\t" + shellQuote("*"+spec))
			}
			pattern := "_files"
			if ext := extensions(c); ext != nil {
				pattern = `_files -g "*.(` + strings.Join(ext, "|") + `)"`
			}
			b.WriteString(" \\\n\t\t" + shellQuote("*:file:"+pattern) + " ;;\n")
		}
		b.WriteString("\tesac\n}\nif [ \"$funcstack[1]\" = _swingby ]; then _swingby \"$@\"; else compdef _swingby swingby; fi\n")
	case "fish":
		b.WriteString("# swingby completion fish | source\n")
		for _, c := range commands {
			fmt.Fprintf(&b, "complete -c swingby -n __fish_use_subcommand -f -a %s -d %s\n", c.name, shellQuote(brief(c)))
			for _, f := range flagsOf(c) {
				_, usage := flag.UnquoteUsage(f)
				takes := " -r"
				if isSwitch(f) {
					takes = ""
				}
				fmt.Fprintf(&b, "complete -c swingby -n '__fish_seen_subcommand_from %s' -o %s%s -d %s\n", c.name, f.Name, takes, shellQuote(usage))
			}
		}
	default:
		return usagef("there is no completion for %q: bash, zsh or fish", shell)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// brief is the first sentence of what a command does.
func brief(c command) string {
	about, _, _ := strings.Cut(c.about, ". ")
	return strings.TrimSuffix(about, ".")
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
