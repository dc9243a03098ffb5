package cell

import (
	"regexp"
	"strings"
	"sync"

	"swingby/stdlib"
)

// Habits from other languages, Python's above all: what the parser says of
// them is true but no help. An entry holds only where the message, the source
// before the caret and the source from the caret on all look as expected.

// foreignNames are names that Go has not, and what stands for them.
var foreignNames = map[string]string{
	"None": "in Go: nil", "null": "in Go: nil", "NULL": "in Go: nil", "nullptr": "in Go: nil",
	"pass": "Go needs no pass: a block may be empty, { }",
	"try":  "Go has no try: functions return an error, and if err != nil { … } handles it",
	"np":   foreignPackages["numpy"], "numpy": foreignPackages["numpy"],
	"plt": foreignPackages["matplotlib"], "matplotlib": foreignPackages["matplotlib"],
	"scipy": foreignPackages["scipy"],
	"float": "the type is float64", "double": "the type is float64",
	"str": "the type is string; a text of any value is fmt.Sprint(x)",
}

// foreignCalls are functions that Go has not, or not without a package.
var foreignCalls = map[string]string{
	"abs": "did you mean math.Abs?", "sqrt": "did you mean math.Sqrt?", "exp": "did you mean math.Exp?", "log": "did you mean math.Log?",
	"pow": "did you mean math.Pow?", "sin": "did you mean math.Sin?", "cos": "did you mean math.Cos?", "tan": "did you mean math.Tan?",
	"tanh": "did you mean math.Tanh?", "floor": "did you mean math.Floor?", "ceil": "did you mean math.Ceil?", "round": "did you mean math.Round?",
	"printf": "did you mean fmt.Printf?", "sprintf": "did you mean fmt.Sprintf?",
	"float":     "to convert a number: float64(x)",
	"str":       "to make a text of any value: fmt.Sprint(x)",
	"list":      "a list is a slice: []float64{1, 2, 3}, or make([]float64, n)",
	"dict":      "a dictionary is a map: map[string]int{\"a\": 1}",
	"set":       "a set is a map: map[string]bool{}",
	"not":       "in Go: !, as in !done",
	"enumerate": "index and value: for i, x := range xs { … }",
	"sorted":    "to sort a slice: slices.Sort(xs), or slices.Sorted of a sequence",
	"input":     "to read a line: bufio.NewScanner(os.Stdin)",
}

// foreignPackages are libraries of Python and what serves their purpose here.
var foreignPackages = map[string]string{
	"numpy":      "for arrays and matrices there are the packages mat, floats and stat",
	"scipy":      "for numerical methods there are the packages optimize, integrate, interp, fourier, stat and distuv",
	"matplotlib": "for plots there are the packages figure, plot and plotter",
	"pandas":     "",
}

const (
	hintBlock = "a block stands in braces: if x > 3 { … }"
	hintFunc  = "a function is declared with func: func f(x float64) float64 { … }"
	hintQuote = "'x' is a single character; text stands in double quotes, \"hello\", or in back quotes"
	hintIf    = "Go has no conditional expression: use if and else statements"
	hintIncr  = "x++ is a statement of its own, without a value"
)

// habit is one thing that is written differently elsewhere.
type habit struct {
	msg    string         // in the message
	before *regexp.Regexp // of the source line before the caret
	at     *regexp.Regexp // of the source line from the caret on
	hint   string
}

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// habits are compiled at the first syntax error, not when the program starts.
var habits = sync.OnceValue(func() []habit {
	anything := re(``)
	return []habit{
		{"illegal character U+0023 '#'", anything, anything, "a comment starts with //"},
		{"rune literal", re(`\b[fF]$`), anything, "to fill a text with values: fmt.Sprintf(\"x is %v\", x)"},
		{"rune literal", re(`^\s*print(ln)?\s+$`), anything, "a call has parentheses, and text double quotes: fmt.Println(\"hello\")"},
		{"rune literal", anything, re(`^'''`), "a text of several lines stands in back quotes: `…`"},
		{"illegal rune literal", anything, re(`^'`), hintQuote},
		{"rune literal not terminated", anything, re(`^'\w`), hintQuote},
		{"illegal character U+003F '?'", re(`\S\s*$`), re(`^\?.*:`), hintIf},

		{"expected ';', found", re(`^\s*print(ln)?\s+$`), re(`^[\w"]`), "a call has parentheses: fmt.Println(x)"},
		{"expected ';', found", re(`^\s*(def|fn|function|fun)\s+$`), re(`^\w+\s*\(`), hintFunc},
		{"expected ';', found", re(`^\s*async\s+$`), re(`^def\b`), hintFunc},
		{"expected ';', found", re(`^\s*class\s+$`), re(`^\w+\s*[:({]`), "a type is declared with type: type A struct { x, y float64 }"},
		{"expected '{', found", re(`^\s*struct\s+$`), re(`^\w+\s*\{`), "a type is declared with type: type A struct { x, y float64 }"},
		{"expected type, found '{'", re(`^\s*type\s+\w+\s*$`), anything, "a type is declared with its kind: type A struct { x, y float64 }"},
		{"found ':'", re(`^\s*func\b.*\)\s*$`), anything, "the result type follows the parameters: func f(x int) int { … }"},
		{"found '-'", re(`^\s*func\b.*\)\s*$`), re(`^->`), "the result type follows the parameters: func f(x int) int { … }"},

		{"expected ';', found", re(`^\s*while\s+$`), anything, "the only loop is for: for x < 3 { … }"},
		{"expected ';', found", re(`^\s*while\s*\(.*\)\s*$`), anything, "the only loop is for: for x < 3 { … }"},
		{"found ", re(`(^|[\s}])elif\s+$`), anything, "in Go: } else if x > 2 {"},
		{"found elif", anything, re(`^elif\b`), "in Go: } else if x > 2 {"},
		{"illegal label declaration", re(`^\s*(}\s*)?(if|for|switch|else)\b.*$`), re(`^:\s*(#.*)?$`), hintBlock},
		{"expected '{', found ':'", re(`^\s*(}\s*)?(if|for|switch|else)\b.*$`), re(`^:\s*(#.*)?$`), hintBlock},
		{"expecting { after", anything, anything, "the opening brace stands on the same line: if x > 3 {"},
		{"expected ')', found ':='", re(`^\s*(for|if)\s*\(`), anything, "no parentheses around it: for i := 0; i < 3; i++ { … }"},
		{"expected ';', found", re(`^\s*(}\s*else\s+)?if\s*\(.*\)\s*$`), re(`^\w`), "the braces cannot be left out: if x > 3 { … }"},

		{"found and", anything, re(`^and\b`), "in Go: &&"},
		{"found or", anything, re(`^or\b`), "in Go: ||"},
		{"found ", re(`\bnot\s+$`), re(`^[\w(]`), "in Go: !, as in !done"},
		{"found is", anything, re(`^is\s+not\b`), "in Go: !="},
		{"found is", anything, re(`^is\b`), "in Go: =="},
		{"found in", re(`^\s*(if|while|return)\b.*\w\s*$`), re(`^in\b`), "to look for a value: slices.Contains(xs, x); for a key: _, ok := m[key]"},
		{"found not", anything, re(`^not\s+in\b`), "to look for a value: slices.Contains(xs, x); for a key: _, ok := m[key]"},
		{"found 'if'", re(`\S\s+$`), re(`^if\b.*\belse\b`), hintIf},
		{"expected operand, found '='", re(`[!=]=$`), re(`^=`), "values are compared by == and !="},
		{"expected operand, found '>'", re(`<$`), re(`^>`), "in Go: !="},
		{"expected statement, found '++'", anything, anything, hintIncr},
		{"expected statement, found '--'", anything, anything, hintIncr},
		{"found '++'", re(`=.*\w$`), anything, hintIncr},
		{"found '--'", re(`=.*\w$`), anything, hintIncr},

		{"found \"", re(`(^|[^\w])[fF]$`), re(`^"`), "to fill a text with values: fmt.Sprintf(\"x is %v\", x)"},
		{"missing ',' in", re(`(^|[^\w])[fF]$`), re(`^"`), "to fill a text with values: fmt.Sprintf(\"x is %v\", x)"},
		{"found \"", re(`(^|[^\w])[rR]$`), re(`^"`), "a text without escapes stands in back quotes: `\\d+`"},
		{"missing ',' in", re(`(^|[^\w])[rR]$`), re(`^"`), "a text without escapes stands in back quotes: `\\d+`"},
		{"found", re(`(^|\W)lambda\s*(\w+\s*(,\s*)?)*$`), re(`^[\w,:][^:]*:|^:`), "a function without a name: func(x float64) float64 { return x + 1 }"},
		{"expected '==', found '='", re(`[(,]\s*\w+\s*$`), re(`^=`), "arguments have no names in a call: f(3)"},
		{"unexpected comma; expecting ]", re(`(^|[=(,]|:=|\breturn)\s*\[[^\]\[]*$`), anything, "a list has a type: []float64{1, 2, 3}"},
		{"unexpected comma; expecting ]", re(`[\w)\]]\[[^\]\[]*$`), anything, "each index has its own brackets: x[i][j]; an element of a mat.Matrix is m.At(i, j)"},
		{"expected operand, found '{'", re(`(=|\(|,|\breturn)\s*$`), re(`^\{\s*("[^"]*"|\w+)\s*:`), "a dictionary has a type: map[string]int{\"a\": 1}"},

		{"expected ';', found", re(`^\s*(let|auto|val)\s+$`), re(`^\w+\s*=`), "to declare a variable: y := 3"},
		{"expected ';', found", re(`^\s*(int|float|double|float64|string|bool)\s+$`), re(`^\w+\s*(=|;|$)`), "the type follows the name: var y int = 3"},
		{"found ':='", re(`^\s*(var|const)\s+\w+(\s+\w+)?\s*$`), anything, "with var the sign is =: var y int = 3"},
		{"expected ';', found", re(`^\s*new\s+$`), re(`^\w+\s*\(`), "a new T is &T{} or new(T)"},
		{"expected ';', found", re(`^\s*(raise|throw)\s+$`), anything, "a failure is returned: return fmt.Errorf(\"…\"); panic stops the program"},
		{"expected ';', found", re(`^\s*with\s+$`), re(`^.*\bas\b`), "what is open is closed by defer: defer f.Close()"},
		{"expected ';', found", re(`^\s*assert\s+$`), anything, "Go has no assert: if x != 3 { panic(\"…\") }"},
		{"expected ';', found", re(`^\s*del\s+$`), re(`^\w+\[`), "to take a key out of a map: delete(m, key)"},
		{"expected ';', found", re(`^\s*await\s+$`), anything, "Go needs no await: calls wait, and go f() does not"},
		{"expected ';', found", re(`^\s*import\s+"[^"]*"\s*$`), re(`^as\b`), "the other name stands first: import m \"math\""},
	}
})

var (
	foreignLoop   = sync.OnceValue(func() *regexp.Regexp { return re(`\bfor\s+(\w+)(\s*,\s*\w+)?\s+in\s+(\w*)(?:\(([^()]*)\))?`) })
	foreignImport = sync.OnceValue(func() *regexp.Regexp { return re(`^\s*(?:import|from)\s+([A-Za-z_]\w*)((?:\.\w+)*)\b`) })
)

// lineHint is a hint that the message and the source line alone give, or "".
// column is in bytes and starts at 1.
func lineHint(msg, line string, column int) string {
	if rest, near, ok := strings.Cut(msg, `" is not available in this kernel`); ok {
		path := strings.TrimPrefix(rest, `package "`)
		if near != "" { // which is a package of its own
			return foreignPackages[path]
		}
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			return "a module's packages are there once it has been fetched: %get " + path
		}
		return foreignPackages[path]
	}
	msg, ok := strings.CutPrefix(msg, "syntax error: ")
	if !ok || column < 1 || column > len(line)+1 {
		return ""
	}
	before, at := line[:column-1], line[column-1:]
	if strings.Contains(msg, "found in") && strings.HasPrefix(at, "in") || msg == "expected 1 expression" {
		if m := foreignLoop().FindStringSubmatch(line); m != nil {
			i, over := m[1], m[3]
			if m[4] != "" && over != "range" { // the result of a call
				over = ""
			}
			switch args := strings.Split(m[4], ","); {
			case over != "range" && m[2] != "":
				return "a loop over keys or indices and values: for i, x := range xs { … }"
			case over != "range":
				return "a loop over values: for _, " + i + " := range " + orWord(over, "xs") + " { … }"
			case len(args) == 1:
				return "a loop over numbers: for " + i + " := range " + orWord(m[4], "n") + " { … }"
			case len(args) == 2:
				return "a loop over numbers: for " + i + " := " + orWord(args[0], "a") + "; " + i + " < " + orWord(args[1], "b") + "; " + i + "++ { … }"
			default:
				return "a loop over numbers: for " + i + " := a; " + i + " < b; " + i + " += step { … }"
			}
		}
	}
	imports := strings.Contains(msg, "missing import path") || strings.Contains(msg, "import path must be a string") ||
		strings.HasPrefix(msg, "expected ';', found ") && strings.HasPrefix(strings.TrimSpace(line), "from ") && strings.Contains(at, " import ")
	if m := foreignImport().FindStringSubmatch(line); m != nil && imports {
		if h := foreignPackages[m[1]]; h != "" {
			return h
		}
		if path, ok := stdlib.Preloaded(m[1]); ok && m[2] == "" {
			return m[1] + " is there without an import; to import it, write import \"" + path + "\""
		}
		return "an import path is a text: import \"net/http\""
	}
	for _, h := range habits() {
		if strings.Contains(msg, h.msg) && h.before.MatchString(before) && h.at.MatchString(at) {
			return h.hint
		}
	}
	return ""
}

// orWord is a name or number as the cell has it, else a name to show the form.
func orWord(s, other string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 || !identByte(byte(r)) }) {
		return other
	}
	return s
}
