package cell

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"swingby/kernel/history"
)

var historyMagic = &magic{
	name: "history", line: true, max: 64,
	usage:   []string{"%history [-n COUNT]", "%history -g [-n COUNT] [PATTERN]"},
	doc:     "Show the text of the cells run so far. -n shows the last COUNT only. The running cell is not among them. -g shows the cells of all sessions instead, each with the numbers of its session and its cell, from the history file that all kernels of a user share; of these, only the ones with PATTERN in their text, in which * stands for anything and ? for one character.",
	example: "%history -g -n 3 simlib*",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		most, all, pattern := -1, false, ""
		for len(args) > 0 {
			switch {
			case args[0] == "-g":
				all, args = true, args[1:]
			case args[0] == "-n":
				n := 0
				if len(args) > 1 {
					n, _ = strconv.Atoi(args[1])
				}
				if n < 1 {
					return nil, usageError("COUNT is a number of at least 1")
				}
				most, args = n, args[2:]
			case !all:
				return nil, usageError("PATTERN goes with -g")
			default:
				pattern, args = strings.Join(args, " "), nil
			}
		}
		if all {
			return nil, showAllHistory(pattern, most)
		}
		r.s.mu.Lock()
		texts := map[int]string{}
		for name, text := range r.s.sources {
			var n int
			if _, err := fmt.Sscanf(name, "In[%d]", &n); err == nil && cellName(n) == name && n > 0 && n != r.count {
				texts[n] = text
			}
		}
		r.s.mu.Unlock()
		counts := slices.Sorted(maps.Keys(texts))
		if most >= 0 && len(counts) > most {
			counts = counts[len(counts)-most:]
		}
		for _, n := range counts {
			fmt.Fprintf(os.Stdout, "// %s\n%s\n", cellName(n), strings.TrimSuffix(texts[n], "\n"))
		}
		return nil, nil
	},
}

// showAllHistory prints the last cells of all sessions that hold a pattern; most < 0 means all.
func showAllHistory(pattern string, most int) error {
	path, err := history.DefaultPath()
	if err != nil {
		return err
	}
	if path == "" {
		return fmt.Errorf("%s is none, so nothing is remembered across sessions", history.Variable)
	}
	entries, err := history.Find(path, "*"+pattern+"*", most, false)
	if err != nil {
		return err
	}
	for _, e := range entries {
		fmt.Fprintf(os.Stdout, "// %d/%d\n%s\n", e.Session, e.Line, strings.TrimSuffix(e.Input, "\n"))
	}
	return nil
}
