package stdgeneric

// missing says of what has no source why it has none.
var missing = map[string]string{
	"runtime.AddCleanup": "what the interpreter keeps reachable, and for how long, is not what the program's text says",
	"weak.Make":          "what the interpreter keeps reachable, and for how long, is not what the program's text says",
	"weak.Pointer":       "what the interpreter keeps reachable, and for how long, is not what the program's text says",
}

// Missing tells why an exported generic function or type of the standard
// library has no source here; reason is empty for any other name.
func Missing(path, name string) (reason string) {
	return missing[path+"."+name]
}
