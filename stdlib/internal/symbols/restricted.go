package symbols

import (
	"fmt"
	"log"
)

// Exit is what a cell panics with where a program would end: a call of os.Exit,
// syscall.Exit or log.Fatal.
type Exit struct {
	// Call names the function, for example "os.Exit".
	Call string
	// Code is the exit status asked for.
	Code int
}

func (e *Exit) Error() string { return fmt.Sprintf("%s: exit status %d", e.Call, e.Code) }

func osExit(code int) { panic(&Exit{"os.Exit", code}) }

func logFatal(v ...any) {
	log.Output(2, fmt.Sprint(v...))
	panic(&Exit{"log.Fatal", 1})
}

func logFatalf(format string, v ...any) {
	log.Output(2, fmt.Sprintf(format, v...))
	panic(&Exit{"log.Fatalf", 1})
}

func logFatalln(v ...any) {
	log.Output(2, fmt.Sprintln(v...))
	panic(&Exit{"log.Fatalln", 1})
}
